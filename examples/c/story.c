/* The story of one morning in a contact centre, told from examples/data; story.rs and story.py print the same.
 *
 *     cc -o story story.c $(pkg-config --cflags --libs csat)
 *     ./story ../data */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csat.h"

enum { FIELDS = 40, LINE = 1024, CRITERIA = 18 };

static csat_error err = CSAT_ERROR_INIT;

static void must(csat_status status) {
  if (status == CSAT_STATUS_OK) return;
  fprintf(stderr, "csat: %s: %s\n", csat_status_name(status), err.message);
  exit(1);
}

static csat_tally *plan(const char *text) {
  csat_tally *tally;
  must(csat_tally_new(text, CSAT_NUL, &tally, &err));
  return tally;
}

/* ---- files ---- */

static FILE *open_file(const char *folder, const char *name) {
  char path[LINE];
  FILE *file;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  return file;
}

/* A CSV file without quotes. */
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
  t->file = open_file(folder, name);
  t->count = fgets(t->header, LINE, t->file) == NULL ? 0 : split(t->header, t->names);
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

/* ---- lines ---- */

/* One line: what, value, interval, how many records. */
static void line(const char *what, const csat_row *row, double factor, const char *unit) {
  char value[32] = "-", limits[80] = "no interval";
  if (row->present & CSAT_HAS_VALUE) snprintf(value, sizeof value, "%.1f", factor * row->value);
  if ((row->present & CSAT_HAS_LOW) && (row->present & CSAT_HAS_HIGH)) {
    snprintf(limits, sizeof limits, "from %.1f to %.1f", factor * row->low, factor * row->high);
  }
  printf("  %-28s %5s %-1s  %s, n %lu\n", what, value, unit, limits, (unsigned long)row->n);
}

/* The lines of one part for each group; of all parts but counts where `part` is NULL. */
static void lines(const csat_tally *tally, const char *part) {
  csat_report *report;
  csat_row row = CSAT_ROW_INIT;
  size_t rows, i;
  must(csat_tally_report(tally, 0.95, &report, &err));
  must(csat_report_rows(report, &rows, &err));
  for (i = 0; i < rows; i++) {
    must(csat_report_row(report, i, &row, &err));
    if (part != NULL && strcmp(row.part, part) == 0) line(row.keys[0].text, &row, 1.0, "");
    if (part != NULL || strcmp(row.unit, CSAT_UNIT_COUNT) == 0) continue;
    if (strcmp(row.unit, CSAT_UNIT_SECONDS) == 0) line(row.definition, &row, 1.0, "s");
    else line(row.definition, &row, 100.0, "%");
  }
  csat_report_free(report);
}

static size_t save(const csat_tally *tally, uint8_t *bytes, size_t capacity) {
  size_t size;
  must(csat_tally_save(tally, bytes, capacity, &size, &err));
  return size;
}

/* ---- the story ---- */

/* How soon were callers answered? Three definitions, one count. */
static void calls(const char *folder) {
  static char text[1 << 16];
  static uint8_t merged[1 << 12], all[1 << 12];
  FILE *file = open_file(folder, "queue_log");
  const size_t length = fread(text, 1, sizeof text, file);
  csat_queue_log *log;
  csat_tally *whole, *pooled, *first, *second;
  size_t half = 0, visits, early, late, size;
  int ends = 0;
  fclose(file);

  whole = plan("{\"keys\": [\"queue\"], \"measures\": ["
               "{\"measure\": \"" CSAT_MEASURE_SERVICE_LEVEL "\", \"within\": [\"20s\"],"
               " \"definitions\": [\"offered\", \"answered_only\", \"abandons_within_t_hit\"]},"
               " \"" CSAT_MEASURE_ABANDONMENT "\", \"" CSAT_MEASURE_SPEED_OF_ANSWER "\"]}");
  must(csat_queue_log_new(NULL, 0, &log, &err));
  must(csat_queue_log_push(log, text, length, &err));
  must(csat_queue_log_finish(log, &err));
  must(csat_queue_log_count_into(log, whole, &visits, &err));
  csat_queue_log_free(log);
  printf("%lu visits to queues, read from queue_log\n", (unsigned long)visits);
  must(csat_tally_roll_up(whole, NULL, 0, NULL, &pooled, &err));
  lines(pooled, NULL);

  /* The log in two pieces, each counted on its own: merged they are the whole, to the byte. */
  while (half < length && ends < 39) ends += text[half++] == '\n';
  must(csat_tally_empty_like(whole, &first, &err));
  must(csat_tally_empty_like(whole, &second, &err));
  must(csat_queue_log_new(NULL, 0, &log, &err));
  must(csat_queue_log_push(log, text, half, &err));
  must(csat_queue_log_count_into(log, first, &early, &err));
  must(csat_queue_log_push(log, text + half, length - half, &err));
  must(csat_queue_log_finish(log, &err));
  must(csat_queue_log_count_into(log, second, &late, &err));
  csat_queue_log_free(log);
  must(csat_tally_merge(first, second, &err));
  size = save(first, merged, sizeof merged);
  printf("%lu visits merged with %lu: %lu bytes, %s\n", (unsigned long)early, (unsigned long)late, (unsigned long)size,
         save(whole, all, sizeof all) == size && memcmp(merged, all, size) == 0 ? "those of the whole"
                                                                                : "NOT those of the whole");
  csat_tally_free(whole);
  csat_tally_free(pooled);
  csat_tally_free(first);
  csat_tally_free(second);
}

/* Would customers recommend the dealer? */
static void recommend(const char *folder) {
  static const char *const columns[1] = {"recommend"};
  csat_tally *tally = plan("{\"keys\": [\"dealer\"], \"measures\": [{\"measure\": \"" CSAT_MEASURE_NPS
                           "\", \"score\": \"recommend\"}]}");
  csat_answer answer = CSAT_ANSWER_INIT;
  table t;
  uint32_t dealer;
  int64_t score;
  int sheets = 0;
  must(csat_tally_prepare_items(tally, columns, 1, &err));
  answer.keys = &dealer;
  answer.key_count = 1;
  answer.items = &score;
  answer.item_count = 1;
  for (open_table(&t, folder, "answers.csv"); next(&t); sheets++) {
    must(csat_tally_prepare_key(tally, "dealer", field(&t, "dealer"), CSAT_NUL, &dealer, &err));
    score = strtoll(field(&t, "recommend"), NULL, 10);
    must(csat_tally_push_answer(tally, &answer, NULL, &err));
  }
  fclose(t.file);
  printf("%d answer sheets: net promoter score by dealer\n", sheets);
  lines(tally, "nps");
  csat_tally_free(tally);
}

/* The file calls the criteria c1 to c18 and writes n-a; the form has names for them and says n/a. */
static void read_marks(const csat_form *form, const table *t, int16_t *marks) {
  const char *answers[CRITERIA];
  char name[8];
  int i;
  for (i = 0; i < CRITERIA; i++) {
    snprintf(name, sizeof name, "c%d", i + 1);
    answers[i] = field(t, name);
    if (strcmp(answers[i], "n-a") == 0) answers[i] = "n/a";
  }
  must(csat_form_codes(form, answers, CRITERIA, marks, &err));
}

/* How good were the conversations, and why has one the score it has? */
static void quality(const char *folder) {
  static const char *const criteria[CRITERIA] = {
      "greeting",      "identification", "purpose",    "positioning", "listening", "questions",
      "speech",        "confidence",     "emotional_tone", "hold",    "all_questions", "correct",
      "objections",    "offer",          "selling",    "summary",     "farewell",  "records"};
  csat_tally *tally = plan("{\"keys\": [\"agent\"], \"measures\": [{\"measure\": \"" CSAT_MEASURE_SCORECARD
                           "\", \"parts\": [\"score\"]}]}");
  csat_form *form;
  csat_evaluation evaluation = CSAT_EVALUATION_INIT;
  csat_score score = CSAT_SCORE_INIT;
  csat_text text = CSAT_TEXT_INIT;
  table t;
  uint32_t agent;
  int16_t marks[CRITERIA], first_marks[CRITERIA];
  char first_line[64] = "", words[LINE];
  const char *at;
  int sheets = 0;
  must(csat_form_shipped(CSAT_FORM_CALL_18, NULL, &form, &err));
  must(csat_tally_prepare_items(tally, criteria, CRITERIA, &err));
  evaluation.keys = &agent;
  evaluation.key_count = 1;
  evaluation.marks = marks;
  evaluation.mark_count = CRITERIA;
  for (open_table(&t, folder, "evaluations.csv"); next(&t);) {
    if (strcmp(field(&t, "kind"), "regular") != 0) continue;
    must(csat_tally_prepare_key(tally, "agent", field(&t, "agent"), CSAT_NUL, &agent, &err));
    read_marks(form, &t, marks);
    must(csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
    if (sheets++ == 0) {
      memcpy(first_marks, marks, sizeof marks);
      snprintf(first_line, sizeof first_line, "evaluation %s of %s", field(&t, "id"), field(&t, "agent"));
    }
  }
  fclose(t.file);
  printf("%d evaluations: quality score by agent\n", sheets);
  lines(tally, "score");

  must(csat_form_score(form, first_marks, CRITERIA, &score, &err));
  printf("%s: %.2f\n", first_line, score.score);
  must(csat_form_explain(form, first_marks, CRITERIA, &text, &err));
  for (at = text.data; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
    snprintf(words, sizeof words, "%.*s", (int)strcspn(at, "\n"), at);
    if (strstr(words, ": no,") != NULL) puts(words);
  }
  csat_text_free(&text);
  csat_form_free(form);
  csat_tally_free(tally);
}

int main(int count, char **arguments) {
  const char *folder = count > 1 ? arguments[1] : "examples/data";
  calls(folder);
  recommend(folder);
  quality(folder);
  return 0;
}
