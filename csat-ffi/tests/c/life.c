/* The life of a tally: made, filled by every door, merged, cut, saved, loaded, read. */
#include <stdlib.h>

#include "check.h"

#define MINUTE ((int64_t)60 * 1000000)
#define NINE ((int64_t)1772438400 * 1000000) /* 2026-03-02T08:00:00Z */

static csat_error err = CSAT_ERROR_INIT;

static csat_row find(const csat_report *report, const char *measure, const char *part) {
  csat_row row = CSAT_ROW_INIT;
  size_t rows = 0, i;
  OK(csat_report_rows(report, &rows, &err));
  for (i = 0; i < rows; i++) {
    OK(csat_report_row(report, i, &row, &err));
    if (strcmp(row.measure, measure) == 0 && (part == NULL || strcmp(row.part, part) == 0)) return row;
  }
  CHECK(!"no such row");
  return row;
}

static void versions(void) {
  csat_text text = CSAT_TEXT_INIT;
  int64_t at = 0;
  CHECK(csat_abi_version() == CSAT_ABI_VERSION);
  CHECK(strlen(csat_version()) >= 5);
  CHECK(strcmp(csat_status_name(CSAT_STATUS_OK), "ok") == 0);
  CHECK(strcmp(csat_status_name(CSAT_STATUS_BAD_VALUE), "bad_value") == 0);
  CHECK(strcmp(csat_outcome_name(CSAT_OUTCOME_ABANDONED), "abandoned") == 0);
  CHECK(strcmp(csat_outcome_name(99), "unknown") == 0);
  OK(csat_catalogue_json(&text, &err));
  CHECK(text.length == strlen(text.data) && strstr(text.data, "\"" CSAT_MEASURE_NPS "\"") != NULL);
  csat_text_free(&text);
  CHECK(text.data == NULL && text.length == 0);
  csat_text_free(&text);
  OK(csat_call("{\"function\": \"share.wilson\", \"successes\": 8, \"n\": 10}", CSAT_NUL, &text, &err));
  CHECK(strncmp(text.data, "{\"low\":0.49", 11) == 0);
  csat_text_free(&text);
  OK(csat_explain("sl:offered:20s", CSAT_NUL, &text, &err));
  CHECK(strstr(text.data, "wait <= T") != NULL);
  csat_text_free(&text);
  OK(csat_instant_parse("2026-03-02T11:00:00+03:00", CSAT_NUL, &at, &err));
  CHECK(at == NINE);
}

/* Answers: 10, 9, 3, 8 and one missing: n 4, promoters 2, detractors 1, NPS 25. */
static void answers(void) {
  static const char plan[] = "{\"measures\": [{\"measure\": \"" CSAT_MEASURE_NPS "\"}], \"keys\": [\"dealer\"]}";
  const int8_t scores[5] = {10, 9, 3, 8, 0};
  const uint8_t there[5] = {1, 1, 1, 1, 0};
  const uint8_t bits[1] = {0x1e}; /* the same, from bit 1 on, shifted */
  const char *dealers[5] = {"north", "north", "north", "north", "north"};
  const char *dictionary[2] = {"south", "north"};
  const uint8_t codes[5] = {1, 1, 1, 1, 1};
  const int64_t offsets[6] = {0, 5, 10, 15, 20, 25};
  const double floats[5] = {NAN, 10, NAN, 8, NAN};
  const int64_t wide[5] = {10, 9, 3, 8, CSAT_MISSING};
  csat_column columns[2] = {CSAT_COLUMN_INIT, CSAT_COLUMN_INIT};
  csat_tally *one = NULL, *two = NULL, *three = NULL, *events = NULL, *never = NULL;
  csat_report *report = NULL;
  csat_answer answer = CSAT_ANSWER_INIT;
  csat_text text = CSAT_TEXT_INIT;
  uint8_t *a, *b;
  size_t size = 0, same = 0, i;
  uint32_t north = 99;
  csat_row row;

  OK(csat_tally_new(plan, CSAT_NUL, &one, &err));
  OK(csat_tally_new(plan, sizeof plan - 1, &two, &err));
  columns[0].type = CSAT_TYPE_INT8;
  columns[0].name = "score";
  columns[0].values = scores;
  columns[0].length = 5;
  columns[0].validity_type = CSAT_VALIDITY_BYTES;
  columns[0].validity = there;
  columns[1].type = CSAT_TYPE_TEXT;
  columns[1].name = "dealer";
  columns[1].values = dealers;
  columns[1].length = 5;
  OK(csat_tally_push_columns(one, columns, 2, NULL, &err));

  /* The same through bits and a dictionary. */
  columns[0].validity_type = CSAT_VALIDITY_BITS;
  columns[0].validity = bits;
  columns[0].validity_offset = 1;
  columns[1].type = CSAT_TYPE_UINT8;
  columns[1].values = codes;
  columns[1].dictionary = dictionary;
  columns[1].dictionary_length = 2;
  OK(csat_tally_push_columns(two, columns, 2, NULL, &err));
  OK(csat_tally_save(one, NULL, 0, &size, NULL) == CSAT_STATUS_SHORT_BUFFER ? CSAT_STATUS_OK : -1);
  a = (uint8_t *)malloc(size);
  b = (uint8_t *)malloc(size);
  OK(csat_tally_save(one, a, size, &size, &err));
  OK(csat_tally_save(two, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);

  /* And through texts without NUL, and one by one with a prepared key. */
  OK(csat_tally_empty_like(two, &three, &err));
  columns[0].validity_type = CSAT_VALIDITY_BYTES;
  columns[0].validity = there;
  columns[1].type = CSAT_TYPE_TEXT_BYTES;
  columns[1].dictionary = NULL;
  columns[1].values = "northnorthnorthnorthnorth";
  columns[1].offsets = offsets;
  OK(csat_tally_push_columns(three, columns, 2, NULL, &err));
  OK(csat_tally_save(three, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);
  OK(csat_tally_empty_like(one, &events, &err));
  OK(csat_tally_prepare_key(events, "dealer", "north", CSAT_NUL, &north, &err));
  answer.keys = &north;
  answer.key_count = 1;
  for (i = 0; i < 5; i++) {
    answer.score = wide[i];
    OK(csat_tally_push_answer(events, &answer, NULL, &err));
  }
  OK(csat_tally_save(events, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);

  OK(csat_tally_report(one, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_NPS, "nps");
  CHECK(row.value == 25.0 && row.n == 4 && row.low < 25.0 && row.high > 25.0);
  CHECK(strcmp(row.unit, CSAT_UNIT_POINTS) == 0 && strcmp(row.definition, "nps") == 0);
  CHECK(row.reason == NULL && (row.present & CSAT_HAS_VALUE) && !(row.present & CSAT_HAS_SLOT));
  CHECK(row.key_count == 1 && row.keys[0].kind == CSAT_KEY_TEXT && strcmp(row.keys[0].text, "north") == 0);
  CHECK(row.keys[0].length == 5 && row.slot == CSAT_MISSING && row.measure_index == 0);
  OK(csat_report_json(report, &text, &err));
  CHECK(strstr(text.data, "\"keys\":{\"dealer\":\"north\"}") != NULL && strstr(text.data, "\"value\":25.0") != NULL);
  csat_text_free(&text);
  csat_report_free(report);
  OK(csat_tally_report(one, NAN, &report, &err));
  row = find(report, CSAT_MEASURE_NPS, "nps");
  CHECK(row.value == 25.0 && row.low != row.low && !(row.present & CSAT_HAS_LOW));
  CHECK(strcmp(row.reason, CSAT_REASON_NOT_ASKED) == 0);
  csat_report_free(report);
  OK(csat_tally_report_as(one, "[\"nps\"]", CSAT_NUL, 0.9, &report, &err));
  csat_report_free(report);

  /* Twice the same, and one taken out again. */
  OK(csat_tally_merge(one, one, &err));
  OK(csat_tally_subtract(one, two, &err));
  OK(csat_tally_save(one, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);
  OK(csat_tally_merge_saved(one, a, size, &err));
  OK(csat_tally_subtract(one, one, &err));

  /* Without its plan: shorter, added to a tally of the same plan, not a tally by itself. */
  CHECK(csat_tally_save_cells(two, NULL, 0, &same, &err) == CSAT_STATUS_SHORT_BUFFER && same < size);
  OK(csat_tally_save_cells(two, b, size, &same, &err));
  OK(csat_tally_merge_saved(one, b, same, &err));
  FAILS(CSAT_STATUS_INVALID_STATE, "no plan", csat_tally_load(b, same, &never, &err));
  OK(csat_tally_save(one, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);
  b[size / 2] ^= 1;
  FAILS(CSAT_STATUS_INVALID_STATE, "checksum", csat_tally_merge_saved(one, b, size, &err));
  OK(csat_tally_subtract(one, two, &err));
  FAILS(CSAT_STATUS_BELOW_ZERO, "below zero", csat_tally_subtract(one, two, &err));
  csat_tally_free(one);
  OK(csat_tally_load(a, size, &one, &err));
  OK(csat_tally_save(one, b, size, &same, &err));
  CHECK(size == same && memcmp(a, b, size) == 0);
  OK(csat_tally_describe_json(one, &text, &err));
  CHECK(strstr(text.data, "\"footprint\":\"") != NULL && strstr(text.data, "\"needed_by\":\"nps\"") != NULL);
  csat_text_free(&text);
  free(a);
  free(b);
  csat_tally_free(one);

  /* NaN in a column of floats is missing. */
  OK(csat_tally_empty_like(two, &one, &err));
  columns[0].type = CSAT_TYPE_FLOAT64;
  columns[0].values = floats;
  columns[0].validity_type = CSAT_VALIDITY_ALL;
  OK(csat_tally_push_columns(one, columns, 2, NULL, &err));
  OK(csat_tally_report(one, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_NPS, "nps");
  CHECK(row.n == 2 && row.value == 50.0);
  row = find(report, CSAT_MEASURE_NPS, "missing");
  CHECK(row.value == 3.0);
  csat_report_free(report);
  csat_tally_free(one);
  csat_tally_free(two);
  csat_tally_free(three);
  csat_tally_free(events);
}

/* Contacts in half hours: two at 9:00 and 9:10, one at 9:40. */
static void contacts(void) {
  static const char plan[] = "{\"measures\": [\"" CSAT_MEASURE_VOLUME "\", \"" CSAT_MEASURE_SPEED_OF_ANSWER
                             "\"], \"keys\": [\"queue\", \"line\"], \"every\": \"30m\"}";
  const int64_t starts[3] = {NINE, NINE + 10 * MINUTE, NINE + 40 * MINUTE};
  const char *keep[1] = {"queue"};
  csat_tally *tally = NULL, *part = NULL, *pooled = NULL;
  csat_report *report = NULL;
  csat_contact contact = CSAT_CONTACT_INIT;
  csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
  csat_key line = CSAT_KEY_INIT;
  csat_column columns[4] = {CSAT_COLUMN_INIT, CSAT_COLUMN_INIT, CSAT_COLUMN_INIT, CSAT_COLUMN_INIT};
  csat_text text = CSAT_TEXT_INIT;
  const char *queues[1] = {"sales"}, *outcomes[1] = {"pending"};
  int32_t seven = 7;
  int64_t late = NINE + 50 * MINUTE;
  uint32_t codes[2] = {0, 0};
  uint32_t other = 0;
  size_t i, bytes = 0, rows = 0, more = 0;
  csat_row row;

  OK(csat_tally_new(plan, CSAT_NUL, &tally, &err));
  line.kind = CSAT_KEY_INTEGER;
  line.integer = 7;
  OK(csat_tally_prepare_key(tally, "queue", "support", CSAT_NUL, &other, &err));
  OK(csat_tally_prepare_key(tally, "queue", "sales", CSAT_NUL, &codes[0], &err));
  OK(csat_tally_prepare_key_value(tally, "line", &line, &codes[1], &err));
  CHECK(other == 0 && codes[0] == 1 && codes[1] == 0);
  OK(csat_tally_prepare_key(tally, "queue", "sales", CSAT_NUL, &codes[0], &err));
  CHECK(codes[0] == 1);
  contact.keys = codes;
  contact.key_count = 2;
  for (i = 0; i < 3; i++) {
    contact.offered = starts[i];
    contact.answered = starts[i] + 20 * 1000000;
    contact.ended = starts[i] + 5 * MINUTE;
    OK(csat_tally_push_contact(tally, &contact, NULL, &err));
  }
  OK(csat_tally_memory(tally, &bytes, &err));
  CHECK(bytes > 0);

  OK(csat_tally_report(tally, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_SPEED_OF_ANSWER, NULL);
  CHECK(row.slot == NINE && row.n == 2 && row.value == 20.0 && (row.present & CSAT_HAS_SLOT));
  CHECK(row.measure_index == 1 && row.keys[1].kind == CSAT_KEY_INTEGER && row.keys[1].integer == 7);
  OK(csat_report_rows(report, &rows, &err));
  csat_report_free(report);

  OK(csat_tally_window(tally, NINE, NINE + 30 * MINUTE, &part, &err));
  OK(csat_tally_report(part, 0.95, &report, &err));
  OK(csat_report_rows(report, &more, &err));
  CHECK(2 * more == rows);
  csat_report_free(report);
  OK(csat_tally_roll_up(tally, keep, 1, "1h", &pooled, &err));
  OK(csat_tally_report(pooled, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_SPEED_OF_ANSWER, NULL);
  CHECK(row.n == 3 && row.slot == NINE && row.key_count == 1);
  csat_report_free(report);
  csat_tally_free(pooled);
  OK(csat_tally_roll_up(tally, NULL, 0, NULL, &pooled, &err));
  OK(csat_tally_report(pooled, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_SPEED_OF_ANSWER, NULL);
  CHECK(row.n == 3 && row.key_count == 0 && row.slot == CSAT_MISSING);
  csat_report_free(report);

  /* Forgetting the first half hour leaves prepared codes good. */
  OK(csat_tally_forget(tally, NINE + 30 * MINUTE, &err));
  OK(csat_tally_push_contact(tally, &contact, NULL, &err));
  OK(csat_tally_report(tally, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_SPEED_OF_ANSWER, NULL);
  CHECK(row.slot == NINE + 30 * MINUTE && row.n == 2 && strcmp(row.keys[0].text, "sales") == 0);
  OK(csat_report_rows(report, &rows, &err));
  CHECK(rows == more);
  csat_report_free(report);

  /* One that waits, seen at ten to ten, and not kept. */
  columns[0].type = CSAT_TYPE_INSTANT;
  columns[0].name = "offered";
  columns[0].values = &starts[2];
  columns[0].length = 1;
  columns[1].type = CSAT_TYPE_TEXT;
  columns[1].name = "queue";
  columns[1].values = queues;
  columns[1].length = 1;
  columns[2].type = CSAT_TYPE_INT32;
  columns[2].name = "line";
  columns[2].values = &seven;
  columns[2].length = 1;
  options.as_of = late;
  FAILS(CSAT_STATUS_MISSING_COLUMN, "outcome", csat_tally_report_pending(tally, columns, 3, &options, 0.95, &report, &err));
  columns[3].type = CSAT_TYPE_TEXT;
  columns[3].name = "outcome";
  columns[3].values = outcomes;
  columns[3].length = 1;
  OK(csat_tally_report(tally, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_VOLUME, NULL);
  CHECK(row.value == 2.0);
  csat_report_free(report);
  OK(csat_tally_report_pending(tally, columns, 4, &options, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_VOLUME, NULL);
  CHECK(row.value == 3.0);
  csat_report_free(report);

  /* A bad row is set aside and told. */
  options.bad_rows = CSAT_BAD_ROWS_SET_ASIDE;
  contact.answered = contact.offered - 1;
  FAILS(CSAT_STATUS_BAD_VALUE, "answered", csat_tally_push_contact(tally, &contact, NULL, &err));
  CHECK(err.row == 0 && strcmp(err.column, "answered") == 0);
  OK(csat_tally_push_contact(tally, &contact, &options, &err));
  OK(csat_tally_set_aside_json(tally, &text, &err));
  CHECK(strncmp(text.data, "{\"total\":1,", 11) == 0);
  csat_text_free(&text);
  csat_tally_free(pooled);
  csat_tally_free(part);
  csat_tally_free(tally);
}

/* chat_8: eight criteria of equal weight; one "no" of seven that apply: 6/7. */
static void forms(void) {
  const char *given[8] = {"yes", "yes", "yes", "yes", "yes", "yes", "no", "n/a"};
  int16_t codes[8];
  csat_form *form = NULL, *copy = NULL;
  csat_score score = CSAT_SCORE_INIT;
  csat_text text = CSAT_TEXT_INIT;
  OK(csat_form_shipped(CSAT_FORM_CHAT_8, NULL, &form, &err));
  OK(csat_form_codes(form, given, 8, codes, &err));
  CHECK(codes[0] == 0 && codes[6] == 1 && codes[7] == CSAT_NOT_APPLICABLE);
  OK(csat_form_score(form, codes, 8, &score, &err));
  CHECK(score.present == CSAT_HAS_VALUE && score.exact == INT64_C(85714285714) && score.failed == 0);
  OK(csat_form_explain(form, codes, 8, &text, &err));
  CHECK(strstr(text.data, "pooled 85.714285714") != NULL);
  csat_text_free(&text);
  OK(csat_form_json(form, &text, &err));
  OK(csat_form_new(text.data, text.length, NULL, &copy, &err));
  OK(csat_form_score(copy, codes, 8, &score, &err));
  CHECK(score.exact == INT64_C(85714285714));
  memset(codes, 0xff, sizeof codes); /* -1 everywhere: nothing is applicable */
  OK(csat_form_score(form, codes, 8, &score, &err));
  CHECK(score.present == 0 && score.score != score.score && score.exact == CSAT_MISSING);
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "contact type", csat_form_shipped(CSAT_FORM_BY_CONTACT_TYPE, NULL, &copy, &err));
  csat_text_free(&text);
  csat_form_free(form);
  csat_form_free(copy);
}

/* Two evaluations under chat_8, one of them a calibration: the mean is that of the other, 6/7. */
static void evaluations(void) {
  static const char *const criteria[8] = {"chat_greeting", "chat_writing", "chat_understanding", "chat_all_questions",
                                          "chat_correct",  "chat_pauses",  "chat_summary",       "chat_tone"};
  int16_t marks[8] = {0, 0, 0, 0, 0, 0, 1, CSAT_NOT_APPLICABLE};
  csat_tally *tally = NULL;
  csat_report *report = NULL;
  csat_evaluation evaluation = CSAT_EVALUATION_INIT;
  int32_t code = 99;
  csat_row row;
  OK(csat_tally_new("{\"measures\": [{\"measure\": \"scorecard\", \"forms\": [\"chat_8\"]}]}", CSAT_NUL, &tally, &err));
  OK(csat_tally_category_code(tally, criteria[0], "no", CSAT_NUL, &code, &err));
  CHECK(code == 1);
  OK(csat_tally_category_code(tally, "kind", "calibration", CSAT_NUL, &code, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "kind", csat_tally_category_code(tally, "kinds", "x", 1, &code, &err));
  evaluation.marks = marks;
  evaluation.mark_count = 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "named 0", csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
  OK(csat_tally_prepare_items(tally, criteria, 8, &err));
  OK(csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
  evaluation.kind = code;
  marks[0] = 1;
  OK(csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
  marks[1] = 9;
  FAILS(CSAT_STATUS_BAD_VALUE, criteria[1], csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
  OK(csat_tally_report(tally, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_SCORECARD, "score");
  CHECK(row.n == 1 && row.value > 85.714285713 && row.value < 85.714285715);
  csat_report_free(report);
  csat_tally_free(tally);
}

static void queue_log(void) {
  static const char lines[] =
      "1772438400|1.1|support|NONE|ENTERQUEUE||2001|1\n"
      "1772438412|1.1|support|PJSIP/7|CONNECT|12|1.2|5\n"
      "1772438420|2.1|support|NONE|ENTERQUEUE||2002|1\n"
      "1772438472|1.1|support|PJSIP/7|COMPLETECALLER|12|60|1\n"
      "nonsense\n"
      "1772438500|3.1|sa\xff\xfe|NONE|ENTERQUEUE||2003|1\n";
  csat_queue_log *log = NULL;
  csat_tally *tally = NULL, *live = NULL;
  csat_report *report = NULL;
  csat_queue_contact contact = CSAT_QUEUE_CONTACT_INIT;
  csat_text text = CSAT_TEXT_INIT;
  size_t i, count = 99;
  int32_t has = 7;
  csat_row row;
  OK(csat_tally_new("{\"measures\": [\"volume\", \"speed_of_answer\"], \"keys\": [\"queue\"]}", CSAT_NUL, &tally, &err));
  OK(csat_queue_log_new(NULL, 0, &log, &err));
  for (i = 0; i < sizeof lines - 1; i++) OK(csat_queue_log_push(log, lines + i, 1, &err));
  OK(csat_queue_log_next_contact(log, &contact, &has, &err));
  CHECK(has == 1 && contact.outcome == CSAT_OUTCOME_ANSWERED && strcmp(contact.queue, "support") == 0);
  CHECK(strcmp(contact.agent, "PJSIP/7") == 0 && contact.exit_key == NULL && contact.wait == 12 * 1000000);
  CHECK(contact.offered == NINE && contact.talk == MINUTE && contact.legs == 1 && contact.transferred == 0);
  OK(csat_queue_log_next_contact(log, &contact, &has, &err));
  CHECK(has == 0);
  OK(csat_queue_log_counts_json(log, &text, &err));
  CHECK(strstr(text.data, "\"entered\":3") != NULL && strstr(text.data, "\"set_aside\":1") != NULL);
  csat_text_free(&text);
  OK(csat_queue_log_open_json(log, &text, &err));
  CHECK(strstr(text.data, "\"call_id\":\"2.1\"") != NULL);
  csat_text_free(&text);

  OK(csat_tally_empty_like(tally, &live, &err));
  OK(csat_queue_log_waiting_into(log, live, NINE + 10 * MINUTE, &count, &err));
  CHECK(count == 2);
  OK(csat_queue_log_push(log, "1772438540|2.1|support|NONE|ABANDON|1|1|120\n", 44, &err));
  OK(csat_queue_log_finish(log, &err));
  OK(csat_queue_log_count_into(log, tally, &count, &err));
  CHECK(count == 1);
  OK(csat_tally_report(tally, 0.95, &report, &err));
  row = find(report, CSAT_MEASURE_VOLUME, NULL);
  CHECK(row.value == 1.0 && strcmp(row.reason, CSAT_REASON_CENSUS) == 0);
  csat_report_free(report);
  csat_tally_free(live);
  csat_tally_free(tally);
  csat_queue_log_free(log);
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "stitch_gap_seconds", csat_queue_log_new("{\"stitch_gap_second\": 1}", CSAT_NUL, &log, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "Mars", csat_queue_log_new("{\"zone\": \"Mars\"}", CSAT_NUL, &log, &err));
}

int main(void) {
  versions();
  answers();
  contacts();
  forms();
  evaluations();
  queue_log();
  FINISH();
}
