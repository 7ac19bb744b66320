/* Nanoseconds for one contact pushed, and for one due time asked, through the C face: `make -C csat-ffi bench`. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "csat.h"

enum { CONTACTS = 4096, ROUNDS = 500, QUEUES = 8, REPEATS = 5 };

static csat_error err = CSAT_ERROR_INIT;

static void must(csat_status status) {
  if (status == CSAT_STATUS_OK) return;
  fprintf(stderr, "csat: %s: %s\n", csat_status_name(status), err.message);
  exit(1);
}

/* Time of this process alone: other programs do not count. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The best of some repeats, as one contact. */
static void measure(const char *name, const char *plan) {
  static csat_contact contacts[CONTACTS];
  static uint32_t codes[QUEUES];
  static const csat_contact fresh = CSAT_CONTACT_INIT;
  csat_tally *tally;
  double best = 1e300;
  unsigned random = 1;
  int i, round, repeat;
  must(csat_tally_new(plan, CSAT_NUL, &tally, &err));
  for (i = 0; i < QUEUES; i++) {
    char queue[16];
    snprintf(queue, sizeof queue, "queue %d", i);
    must(csat_tally_prepare_key(tally, "queue", queue, CSAT_NUL, &codes[i], &err));
  }
  for (i = 0; i < CONTACTS; i++) {
    csat_contact *c = &contacts[i];
    random = random * 1664525u + 1013904223u;
    *c = fresh;
    c->keys = &codes[(random >> 8) % QUEUES];
    c->key_count = 1;
    c->offered = ((int64_t)1772438400 + i * 7) * 1000000;
    c->answered = random % 10 == 0 ? CSAT_MISSING : c->offered + (int64_t)((random >> 12) % 60) * 1000000;
    c->ended = c->offered + (int64_t)(60 + (random >> 16) % 300) * 1000000;
    c->outcome = c->answered == CSAT_MISSING ? CSAT_OUTCOME_ABANDONED : CSAT_OUTCOME_ANSWERED;
    c->talk = c->answered == CSAT_MISSING ? CSAT_MISSING : c->ended - c->answered;
    c->hold = 0;
    c->wrap = (int64_t)((random >> 9) % 30) * 1000000;
  }
  for (repeat = 0; repeat < REPEATS; repeat++) {
    double start = now(), each;
    for (round = 0; round < ROUNDS; round++) {
      for (i = 0; i < CONTACTS; i++) must(csat_tally_push_contact(tally, &contacts[i], NULL, &err));
    }
    each = (now() - start) / ((double)ROUNDS * CONTACTS);
    if (each < best) best = each;
  }
  printf("%-60s %7.1f ns a contact\n", name, best);
  csat_tally_free(tally);
}

/* The due time of a ticket at any moment of two years, its target found before. */
static void measure_due(const char *name, const char *event, const char *channel) {
  static int64_t starts[CONTACTS];
  csat_sla *sla;
  uint32_t code;
  int64_t due, last = 0;
  double best = 1e300;
  unsigned random = 1;
  int i, round, repeat;
  must(csat_sla_shipped(CSAT_SLA_SUPPORT_10_19, &sla, &err));
  must(csat_sla_prepare(sla, event, channel, NULL, NULL, NULL, &code, &err));
  for (i = 0; i < CONTACTS; i++) {
    random = random * 1664525u + 1013904223u;
    starts[i] = ((int64_t)1704067200 + random % (2 * 365 * 86400u)) * 1000000;
  }
  for (repeat = 0; repeat < REPEATS; repeat++) {
    double start = now(), each;
    for (round = 0; round < ROUNDS; round++) {
      for (i = 0; i < CONTACTS; i++) {
        must(csat_sla_due(sla, code, starts[i], &due, &err));
        last ^= due;
      }
    }
    each = (now() - start) / ((double)ROUNDS * CONTACTS);
    if (each < best) best = each;
  }
  printf("%-60s %7.1f ns a due time%s\n", name, best, last == 1 ? " " : "");
  csat_sla_free(sla);
}

#define THREE "\"" CSAT_MEASURE_SERVICE_LEVEL "\", \"" CSAT_MEASURE_ABANDONMENT "\", \"" CSAT_MEASURE_SPEED_OF_ANSWER "\""

int main(void) {
  measure("one measure", "{\"measures\": [\"" CSAT_MEASURE_VOLUME "\"], \"keys\": [\"queue\"]}");
  measure("three measures", "{\"measures\": [" THREE "], \"keys\": [\"queue\"]}");
  measure("three measures, half hours", "{\"measures\": [" THREE "], \"keys\": [\"queue\"], \"every\": \"30m\"}");
  measure("three measures and handling time",
          "{\"measures\": [" THREE ", \"" CSAT_MEASURE_HANDLE_TIME "\"], \"keys\": [\"queue\"]}");
  measure("three measures and handling time, half hours",
          "{\"measures\": [" THREE ", \"" CSAT_MEASURE_HANDLE_TIME "\"], \"keys\": [\"queue\"], \"every\": \"30m\"}");
  measure_due("due time of an e-mail", CSAT_EVENT_FIRST_RESPONSE, "email");
  measure_due("due time of a call-back, a budget of its own after hours", CSAT_EVENT_CALLBACK, NULL);
  return 0;
}
