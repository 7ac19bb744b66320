/* Two tallies of one plan on two threads, merged: the same bytes as one tally on one thread. */
#include <pthread.h>
#include <stdlib.h>

#include "check.h"

enum { ROWS = 20000 };

static csat_error err = CSAT_ERROR_INIT;

typedef struct work {
  csat_tally *tally;
  uint32_t queues[2];
  int first;
  int step;
  int failed;
} work;

static void *count(void *argument) {
  work *w = (work *)argument;
  csat_error mine = CSAT_ERROR_INIT;
  csat_contact contact = CSAT_CONTACT_INIT;
  int i;
  contact.key_count = 1;
  for (i = w->first; i < ROWS; i += w->step) {
    contact.keys = &w->queues[i % 2];
    contact.offered = ((int64_t)1772438400 + i % 7200) * 1000000;
    contact.answered = i % 5 == 0 ? CSAT_MISSING : contact.offered + (i % 90) * 1000000;
    contact.ended = contact.offered + 200 * 1000000;
    w->failed += csat_tally_push_contact(w->tally, &contact, NULL, &mine) != CSAT_STATUS_OK;
  }
  return NULL;
}

static uint8_t *saved(const csat_tally *tally, size_t *size) {
  uint8_t *bytes;
  CHECK(csat_tally_save(tally, NULL, 0, size, &err) == CSAT_STATUS_SHORT_BUFFER);
  bytes = (uint8_t *)malloc(*size);
  OK(csat_tally_save(tally, bytes, *size, size, &err));
  return bytes;
}

int main(void) {
  static const char plan[] =
      "{\"measures\": [\"volume\", \"speed_of_answer\", \"wait\"], \"keys\": [\"queue\"], \"every\": \"30m\"}";
  work whole, half[2];
  pthread_t threads[2];
  uint8_t *a, *b;
  size_t one = 0, two = 0;
  int i;
  memset(&whole, 0, sizeof whole);
  OK(csat_tally_new(plan, CSAT_NUL, &whole.tally, &err));
  OK(csat_tally_prepare_key(whole.tally, "queue", "sales", CSAT_NUL, &whole.queues[0], &err));
  OK(csat_tally_prepare_key(whole.tally, "queue", "support", CSAT_NUL, &whole.queues[1], &err));
  whole.step = 1;
  for (i = 0; i < 2; i++) {
    half[i] = whole; /* codes are good for tallies made by empty_like */
    OK(csat_tally_empty_like(whole.tally, &half[i].tally, &err));
    half[i].first = i;
    half[i].step = 2;
    CHECK(pthread_create(&threads[i], NULL, count, &half[i]) == 0);
  }
  count(&whole);
  for (i = 0; i < 2; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(whole.failed + half[0].failed + half[1].failed == 0);
  OK(csat_tally_merge(half[1].tally, half[0].tally, &err));
  a = saved(whole.tally, &one);
  b = saved(half[1].tally, &two);
  CHECK(one == two && memcmp(a, b, one) == 0);
  free(a);
  free(b);
  csat_tally_free(whole.tally);
  csat_tally_free(half[0].tally);
  csat_tally_free(half[1].tally);
  FINISH();
}
