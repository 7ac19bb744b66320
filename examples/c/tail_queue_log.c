/* Follows an Asterisk queue log and prints the service level of the last half hour, queue by queue.
 *
 *     cc -o tail_queue_log tail_queue_log.c $(pkg-config --cflags --libs csat)
 *     ./tail_queue_log /var/log/asterisk/queue_log       every ten seconds
 *     ./tail_queue_log --once /var/log/asterisk/queue_log   once, as of the end of the log
 *
 * The clock and the file are the program's; the library has neither. */
#define _POSIX_C_SOURCE 200809L /* for sleep */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "csat.h"

static csat_error err = CSAT_ERROR_INIT;

static void must(csat_status status) {
  if (status == CSAT_STATUS_OK) return;
  fprintf(stderr, "csat: %s: %s\n", csat_status_name(status), err.message);
  exit(1);
}

/* The time of the last line, for --once. */
static int64_t latest;

static void read_more(FILE *file, csat_queue_log *log, csat_tally *tally) {
  char line[4096];
  size_t counted;
  while (fgets(line, sizeof line, file) != NULL) {
    int64_t at = strtoll(line, NULL, 10);
    if (at > latest) latest = at;
    must(csat_queue_log_push(log, line, strlen(line), &err));
  }
  clearerr(file);
  must(csat_queue_log_count_into(log, tally, &counted, &err));
}

/* Contacts that still wait past the threshold count as missed: they are added to a copy. */
static void print(const csat_queue_log *log, csat_tally *tally, int64_t now) {
  csat_tally *live, *window, *pooled;
  csat_report *report;
  csat_row row = CSAT_ROW_INIT;
  const char *keys[1] = {"queue"};
  size_t rows, i, waiting;
  must(csat_tally_forget(tally, now - (int64_t)1800 * 1000000, &err));
  must(csat_tally_empty_like(tally, &live, &err));
  must(csat_tally_merge(live, tally, &err));
  must(csat_queue_log_waiting_into(log, live, now, &waiting, &err));
  must(csat_tally_window(live, now - (int64_t)1800 * 1000000, now + 1, &window, &err));
  must(csat_tally_roll_up(window, keys, 1, NULL, &pooled, &err));
  must(csat_tally_report(pooled, 0.95, &report, &err));
  must(csat_report_rows(report, &rows, &err));
  for (i = 0; i < rows; i++) {
    must(csat_report_row(report, i, &row, &err));
    if (strcmp(row.part, "level") == 0 && (row.present & CSAT_HAS_VALUE)) {
      printf("%s service level %.1f %% (%.1f to %.1f) of %" PRIu64 "\n", row.keys[0].text, 100 * row.value,
             100 * row.low, 100 * row.high, row.n);
    }
  }
  printf("%lu waiting\n", (unsigned long)waiting);
  fflush(stdout);
  csat_report_free(report);
  csat_tally_free(pooled);
  csat_tally_free(window);
  csat_tally_free(live);
}

int main(int count, char **arguments) {
  int once = count == 3 && strcmp(arguments[1], "--once") == 0;
  FILE *file = count > 1 ? fopen(arguments[count - 1], "r") : NULL;
  csat_queue_log *log;
  csat_tally *tally;
  if (file == NULL) {
    fprintf(stderr, "usage: %s [--once] QUEUE_LOG\n", arguments[0]);
    return 2;
  }
  must(csat_queue_log_new(NULL, 0, &log, &err));
  must(csat_tally_new("{\"measures\": [{\"measure\": \"" CSAT_MEASURE_SERVICE_LEVEL "\", \"within\": [\"20s\"]}],"
                      " \"keys\": [\"queue\"], \"every\": \"1m\"}", CSAT_NUL, &tally, &err));
  do {
    read_more(file, log, tally);
    print(log, tally, (once ? latest : (int64_t)time(NULL)) * 1000000);
  } while (!once && sleep(10) == 0);
  csat_tally_free(tally);
  csat_queue_log_free(log);
  fclose(file);
  return 0;
}
