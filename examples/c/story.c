/* The story on the small data set: contacts and survey answers, read from CSV one by one, and what they say.
 *
 *     cc -o story story.c $(pkg-config --cflags --libs csat)
 *     ./story ../data
 *
 * Prints lines NAME VALUE LOW HIGH N; a number that does not exist is `-`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csat.h"

enum { FIELDS = 32, LINE = 1024 };

static csat_error err = CSAT_ERROR_INIT;

static void must(csat_status status) {
  if (status == CSAT_STATUS_OK) return;
  fprintf(stderr, "csat: %s: %s\n", csat_status_name(status), err.message);
  exit(1);
}

/* ---- a CSV file without quotes ---- */

typedef struct table {
  FILE *file;
  char header[LINE], line[LINE];
  const char *names[FIELDS], *values[FIELDS];
  int count;
} table;

static int split(char *line, const char **fields) {
  int count = 0;
  line[strcspn(line, "\r\n")] = '\0';
  while (count < FIELDS) {
    char *comma = strchr(line, ',');
    fields[count++] = line;
    if (comma == NULL) break;
    *comma = '\0';
    line = comma + 1;
  }
  return count;
}

static void open_table(table *t, const char *folder, const char *name) {
  char path[LINE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  t->file = fopen(path, "r");
  if (t->file == NULL || fgets(t->header, LINE, t->file) == NULL) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  t->count = split(t->header, t->names);
}

static int next(table *t) {
  return fgets(t->line, LINE, t->file) != NULL && split(t->line, t->values) == t->count;
}

static const char *field(const table *t, const char *name) {
  int i;
  for (i = 0; i < t->count; i++) {
    if (strcmp(t->names[i], name) == 0) return t->values[i];
  }
  fprintf(stderr, "no column %s\n", name);
  exit(2);
}

static int64_t instant(const table *t, const char *name) {
  const char *text = field(t, name);
  int64_t at = CSAT_MISSING;
  if (*text != '\0') must(csat_instant_parse(text, CSAT_NUL, &at, &err));
  return at;
}

/* Seconds as microseconds. */
static int64_t seconds(const table *t, const char *name) {
  const char *text = field(t, name);
  return *text == '\0' ? CSAT_MISSING : (int64_t)(strtod(text, NULL) * 1e6 + 0.5);
}

static int64_t integer(const table *t, const char *name) {
  const char *text = field(t, name);
  return *text == '\0' ? CSAT_MISSING : strtoll(text, NULL, 10);
}

static int32_t flag(const table *t, const char *name) {
  const char *text = field(t, name);
  return *text == '\0' ? CSAT_UNKNOWN : strcmp(text, "true") == 0;
}

static int32_t outcome(const char *name) {
  int32_t code;
  for (code = 0; code <= CSAT_OUTCOME_SKIP; code++) {
    if (strcmp(csat_outcome_name(code), name) == 0) return code;
  }
  return CSAT_OUTCOME_DERIVED;
}

/* ---- the story ---- */

static void number(double value, uint32_t there) {
  if (there) printf(" %.10g", value);
  else printf(" -");
}

static void print(csat_tally *tally) {
  csat_report *report;
  csat_row row = CSAT_ROW_INIT;
  size_t rows, i, k;
  must(csat_tally_report(tally, 0.95, &report, &err));
  must(csat_report_rows(report, &rows, &err));
  for (i = 0; i < rows; i++) {
    must(csat_report_row(report, i, &row, &err));
    for (k = 0; k < row.key_count; k++) printf("%s:", row.keys[k].text);
    printf("%s/%s", row.measure, row.part);
    number(row.value, row.present & CSAT_HAS_VALUE);
    number(row.low, row.present & CSAT_HAS_LOW);
    number(row.high, row.present & CSAT_HAS_HIGH);
    printf(" %lu\n", (unsigned long)row.n);
  }
  csat_report_free(report);
}

/* How soon were the queues answered, and how long did it take? */
static void contacts(const char *folder) {
  static const csat_contact fresh = CSAT_CONTACT_INIT;
  csat_tally *tally;
  csat_contact contact;
  table t;
  uint32_t queue;
  must(csat_tally_new("{\"measures\": [{\"measure\": \"" CSAT_MEASURE_SERVICE_LEVEL "\", \"within\": [\"20s\"]},"
                      " \"" CSAT_MEASURE_ABANDONMENT "\", \"" CSAT_MEASURE_SPEED_OF_ANSWER "\","
                      " \"" CSAT_MEASURE_HANDLE_TIME "\"],"
                      " \"keys\": [\"queue\"]}", CSAT_NUL, &tally, &err));
  open_table(&t, folder, "contacts.csv");
  while (next(&t)) {
    contact = fresh;
    must(csat_tally_prepare_key(tally, "queue", field(&t, "queue"), CSAT_NUL, &queue, &err));
    contact.keys = &queue;
    contact.key_count = 1;
    contact.started = instant(&t, "started");
    contact.offered = instant(&t, "offered");
    contact.rang = instant(&t, "rang");
    contact.answered = instant(&t, "answered");
    contact.ended = instant(&t, "ended");
    contact.outcome = outcome(field(&t, "outcome"));
    contact.talk = seconds(&t, "talk");
    contact.hold = seconds(&t, "hold");
    contact.wrap = seconds(&t, "wrap");
    contact.transferred = flag(&t, "transferred");
    contact.in_hours = flag(&t, "in_hours");
    must(csat_tally_push_contact(tally, &contact, NULL, &err));
  }
  fclose(t.file);
  print(tally);
  csat_tally_free(tally);
}

/* Would customers recommend us, and are they satisfied? */
static void answers(const char *folder) {
  static const char *const columns[2] = {"recommend", "satisfaction"};
  csat_tally *tally;
  csat_answer answer = CSAT_ANSWER_INIT;
  table t;
  uint32_t dealer;
  int64_t items[2];
  must(csat_tally_new("{\"measures\": [{\"measure\": \"" CSAT_MEASURE_NPS "\", \"score\": \"recommend\"},"
                      " {\"measure\": \"" CSAT_MEASURE_SATISFACTION "\", \"score\": \"satisfaction\"}],"
                      " \"keys\": [\"dealer\"]}", CSAT_NUL, &tally, &err));
  must(csat_tally_prepare_items(tally, columns, 2, &err));
  open_table(&t, folder, "answers.csv");
  while (next(&t)) {
    must(csat_tally_prepare_key(tally, "dealer", field(&t, "dealer"), CSAT_NUL, &dealer, &err));
    answer.keys = &dealer;
    answer.key_count = 1;
    answer.asked = instant(&t, "asked");
    answer.answered = instant(&t, "answered");
    items[0] = integer(&t, columns[0]);
    items[1] = integer(&t, columns[1]);
    answer.items = items;
    answer.item_count = 2;
    must(csat_tally_push_answer(tally, &answer, NULL, &err));
  }
  fclose(t.file);
  print(tally);
  csat_tally_free(tally);
}

int main(int count, char **arguments) {
  const char *folder = count > 1 ? arguments[1] : "examples/data";
  contacts(folder);
  answers(folder);
  return 0;
}
