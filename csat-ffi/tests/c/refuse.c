/* Everything that a caller can hand over wrongly comes back as a status and a message, and leaves outputs alone. */
#include "check.h"

static csat_error err = CSAT_ERROR_INIT;

#ifdef CSAT_TEST_PANIC
#ifdef __cplusplus
extern "C"
#endif
int csat_test_panic(csat_tally *tally, csat_error *err);
#endif

static const char PLAN[] = "{\"measures\": [\"" CSAT_MEASURE_NPS "\"]}";

static void pointers(void) {
  csat_tally *tally = NULL, *kept = (csat_tally *)&err;
  csat_report *report = NULL;
  csat_text text = CSAT_TEXT_INIT;
  csat_row row = CSAT_ROW_INIT;
  uint32_t code = 0;
  size_t size = 0;
  int64_t at = 5;
  FAILS(CSAT_STATUS_BAD_POINTER, "`plan` is NULL", csat_tally_new(NULL, CSAT_NUL, &kept, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`plan` is NULL", csat_tally_new(NULL, 3, &kept, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "cannot have", csat_tally_new(PLAN, CSAT_NUL - 1, &kept, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`out` is NULL", csat_tally_new(PLAN, CSAT_NUL, NULL, &err));
  CHECK(kept == (csat_tally *)&err);
  FAILS(CSAT_STATUS_BAD_POINTER, "`tally` is not a handle", csat_tally_merge(NULL, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`tally` is not a handle",
        csat_tally_merge((csat_tally *)(void *)((char *)&err + 1), NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`report` is not a handle", csat_report_row(NULL, 0, &row, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`form` is not a handle", csat_form_json(NULL, &text, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`log` is not a handle", csat_queue_log_finish(NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`out` is NULL", csat_catalogue_json(NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`request` is NULL", csat_call(NULL, CSAT_NUL, &text, &err));
  CHECK(csat_call(NULL, CSAT_NUL, &text, NULL) == CSAT_STATUS_BAD_POINTER && text.data == NULL);
  FAILS(CSAT_STATUS_BAD_TEXT, "offset", csat_instant_parse("2026-03-02T11:00:00", CSAT_NUL, &at, &err));
  CHECK(at == 5);

  OK(csat_tally_new(PLAN, CSAT_NUL, &tally, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`other` is not a handle", csat_tally_merge(tally, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`columns` is NULL", csat_tally_push_columns(tally, NULL, 1, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`answer` is NULL", csat_tally_push_answer(tally, NULL, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`contact` is NULL", csat_tally_push_contact(tally, NULL, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`evaluation` is NULL", csat_tally_push_evaluation(tally, NULL, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "stream", csat_tally_push_arrow(tally, NULL, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`key` is NULL", csat_tally_prepare_key(tally, NULL, "x", 1, &code, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "key", csat_tally_prepare_key(tally, "queue", "x", 1, &code, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`size` is NULL", csat_tally_save(tally, NULL, 0, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`size` is NULL", csat_tally_save_cells(tally, NULL, 0, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`bytes` is NULL", csat_tally_load(NULL, 9, &kept, &err));
  FAILS(CSAT_STATUS_INVALID_STATE, "", csat_tally_load((const uint8_t *)"CSATxxxxxxxxxxxxxxx", 19, &kept, &err));
  FAILS(CSAT_STATUS_INVALID_STATE, "", csat_tally_load(NULL, 0, &kept, &err));
  FAILS(CSAT_STATUS_INVALID_STATE, "", csat_tally_merge_saved(tally, (const uint8_t *)"CSAT", 4, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "slots", csat_tally_forget(tally, 0, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "confidence", csat_tally_report(tally, 1.5, &report, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "confidence", csat_tally_report(tally, -INFINITY, &report, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "JSON", csat_tally_report_as(tally, "{", CSAT_NUL, 0.95, &report, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`out` is NULL", csat_tally_report(tally, 0.95, NULL, &err));
  CHECK(report == NULL && kept == (csat_tally *)&err && size == 0);
  OK(csat_tally_report(tally, 0.95, &report, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "`row` is NULL", csat_report_row(report, 0, NULL, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "row 99", csat_report_row(report, 99, &row, &err));
  row.struct_size = 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "_INIT", csat_report_row(report, 0, &row, &err));
  row.struct_size = sizeof row + 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "newer csat", csat_report_row(report, 0, &row, &err));
  csat_report_free(report);
  csat_tally_free(tally);
  csat_tally_free(NULL);
  csat_report_free(NULL);
  csat_form_free(NULL);
  csat_queue_log_free(NULL);
  csat_text_free(NULL);
}

static void texts(void) {
  csat_tally *tally = NULL;
  csat_form *form = NULL;
  csat_text text = CSAT_TEXT_INIT;
  FAILS(CSAT_STATUS_BAD_TEXT, "not UTF-8: byte 2", csat_call("{\"\xff\"}", CSAT_NUL, &text, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "not valid JSON", csat_call("", 0, &text, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "not valid JSON", csat_tally_new("{", CSAT_NUL, &tally, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "did you mean `nps`", csat_tally_new("{\"measures\": [\"npss\"]}", CSAT_NUL, &tally, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "unknown function", csat_call("{\"function\": \"x\"}", CSAT_NUL, &text, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "offered", csat_explain("ofered", CSAT_NUL, &text, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "TOML", csat_form_new("= 1", CSAT_NUL, NULL, &form, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "chat_8", csat_form_shipped("chat_9", NULL, &form, &err));
  CHECK(tally == NULL && form == NULL && text.data == NULL);
}

static void columns(void) {
  const int64_t scores[2] = {10, 11};
  const double floats[2] = {9.0, 9.5};
  const char *names[2] = {"a", "b\xff"};
  const int64_t falling[3] = {0, 2, 1};
  csat_column column = CSAT_COLUMN_INIT, two[2] = {CSAT_COLUMN_INIT, CSAT_COLUMN_INIT};
  csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
  csat_tally *tally = NULL, *keyed = NULL;
  csat_answer answer = CSAT_ANSWER_INIT;
  csat_contact contact = CSAT_CONTACT_INIT;
  csat_evaluation evaluation = CSAT_EVALUATION_INIT;
  csat_key key = CSAT_KEY_INIT;
  uint32_t code = 7;
  int64_t item = 9;
  const char *items[2] = {"score", "recommend"};
  OK(csat_tally_new(PLAN, CSAT_NUL, &tally, &err));
  FAILS(CSAT_STATUS_MISSING_COLUMN, "score", csat_tally_push_columns(tally, NULL, 0, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "columns[0].name", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.name = "score";
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "CSAT_TYPE_", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.type = CSAT_TYPE_INT64;
  column.length = 2;
  FAILS(CSAT_STATUS_BAD_POINTER, "column `score`: `values` is NULL", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  CHECK(err.row == -1 && strcmp(err.column, "score") == 0);
  column.values = (const char *)scores + 1;
  FAILS(CSAT_STATUS_BAD_POINTER, "misaligned", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.values = scores;
  column.length = SIZE_MAX / 4;
  FAILS(CSAT_STATUS_BAD_POINTER, "cannot have", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.length = 2;
  column.unit = 9;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "UNIT_OF_TIME", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.unit = 0;
  column.validity_type = 3;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "VALIDITY", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.validity_type = CSAT_VALIDITY_BITS;
  FAILS(CSAT_STATUS_BAD_POINTER, "validity` is NULL", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.validity_type = CSAT_VALIDITY_ALL;
  FAILS(CSAT_STATUS_BAD_VALUE, "row 1", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  CHECK(err.row == 1);
  options.bad_rows = 2;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "CSAT_BAD_ROWS_", csat_tally_push_columns(tally, &column, 1, &options, &err));
  options.struct_size = 0;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "_INIT", csat_tally_push_columns(tally, &column, 1, &options, &err));
  column.struct_size += 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "newer csat", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  column.struct_size -= 8;
  column.type = CSAT_TYPE_FLOAT64;
  column.values = floats;
  FAILS(CSAT_STATUS_BAD_VALUE, "9.5", csat_tally_push_columns(tally, &column, 1, NULL, &err));
  two[0] = column;
  two[1] = column;
  two[1].name = "other";
  two[1].length = 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "1 rows", csat_tally_push_columns(tally, two, 2, NULL, &err));

  OK(csat_tally_new("{\"measures\": [\"nps\"], \"keys\": [\"dealer\"]}", CSAT_NUL, &keyed, &err));
  two[0].values = scores;
  two[0].type = CSAT_TYPE_INT64;
  two[0].length = 1;
  two[1].name = "dealer";
  two[1].type = CSAT_TYPE_TEXT;
  two[1].values = names + 1;
  FAILS(CSAT_STATUS_BAD_TEXT, "column `dealer`: row 0: `text` is not UTF-8",
        csat_tally_push_columns(keyed, two, 2, NULL, &err));
  CHECK(err.row == 0 && strcmp(err.column, "dealer") == 0);
  two[1].type = CSAT_TYPE_TEXT_BYTES;
  two[1].values = "ab";
  two[1].offsets = falling + 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "ascend", csat_tally_push_columns(keyed, two, 2, NULL, &err));
  two[1].offsets = NULL;
  FAILS(CSAT_STATUS_BAD_POINTER, "offsets", csat_tally_push_columns(keyed, two, 2, NULL, &err));

  answer.score = 9;
  answer.keys = &code;
  answer.key_count = 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "prepared", csat_tally_push_answer(keyed, &answer, NULL, &err));
  OK(csat_tally_prepare_key(keyed, "dealer", NULL, 0, &code, &err));
  CHECK(code == 0);
  OK(csat_tally_push_answer(keyed, &answer, NULL, &err));
  answer.key_count = 0;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "0 key codes", csat_tally_push_answer(keyed, &answer, NULL, &err));
  answer.key_count = 2;
  FAILS(CSAT_STATUS_BAD_POINTER, "keys", (answer.keys = NULL, csat_tally_push_answer(keyed, &answer, NULL, &err)));
  key.kind = 9;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "CSAT_KEY_", csat_tally_prepare_key_value(keyed, "dealer", &key, &code, &err));
  key.kind = CSAT_KEY_FLAG;
  key.integer = 2;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "flag", csat_tally_prepare_key_value(keyed, "dealer", &key, &code, &err));
  answer.key_count = 0;
  answer.score = 12;
  FAILS(CSAT_STATUS_BAD_VALUE, "12", csat_tally_push_answer(tally, &answer, NULL, &err));
  answer.score = INT64_MAX;
  FAILS(CSAT_STATUS_BAD_VALUE, "score", csat_tally_push_answer(tally, &answer, NULL, &err));
  answer.items = &item;
  answer.item_count = 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "named 0 columns", csat_tally_push_answer(tally, &answer, NULL, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "no item", csat_tally_prepare_items(tally, items, 1, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "recommend", csat_tally_prepare_items(tally, items + 1, 1, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "not contacts", csat_tally_push_contact(tally, &contact, NULL, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "not evaluations", csat_tally_push_evaluation(tally, &evaluation, NULL, &err));
  answer.struct_size = 4;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "_INIT", csat_tally_push_answer(tally, &answer, NULL, &err));
  csat_tally_free(tally);
  csat_tally_free(keyed);

  OK(csat_tally_new("{\"measures\": [{\"measure\": \"nps\", \"score\": \"recommend\"}]}", CSAT_NUL, &tally, &err));
  answer.struct_size = sizeof answer;
  answer.score = CSAT_MISSING;
  answer.item_count = 0;
  FAILS(CSAT_STATUS_MISSING_COLUMN, "recommend", csat_tally_push_answer(tally, &answer, NULL, &err));
  OK(csat_tally_prepare_items(tally, items + 1, 1, &err));
  answer.item_count = 1;
  OK(csat_tally_push_answer(tally, &answer, NULL, &err));
  csat_tally_free(tally);

  OK(csat_tally_new("{\"measures\": [\"volume\"]}", CSAT_NUL, &tally, &err));
  contact.outcome = 13;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "CSAT_OUTCOME_", csat_tally_push_contact(tally, &contact, NULL, &err));
  contact.outcome = -2;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "CSAT_OUTCOME_", csat_tally_push_contact(tally, &contact, NULL, &err));
  contact.outcome = CSAT_OUTCOME_ANSWERED;
  contact.legs = -5;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "legs", csat_tally_push_contact(tally, &contact, NULL, &err));
  contact.legs = CSAT_UNKNOWN;
  contact.offered = INT64_MAX;
  FAILS(CSAT_STATUS_BAD_VALUE, "offered", csat_tally_push_contact(tally, &contact, NULL, &err));
  contact.reserved = 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "reserved", csat_tally_push_contact(tally, &contact, NULL, &err));
  csat_tally_free(tally);
}

static void forms(void) {
  const int16_t codes[8] = {0, 0, 0, 0, 0, 0, 0, 77};
  const char *given[2] = {"perhaps", "b\xff"};
  int16_t out[2] = {5, 5};
  csat_form *form = NULL;
  csat_score score = CSAT_SCORE_INIT;
  OK(csat_form_shipped(CSAT_FORM_CHAT_8, NULL, &form, &err));
  FAILS(CSAT_STATUS_BAD_VALUE, "77", csat_form_score(form, codes, 8, &score, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "7", csat_form_score(form, codes, 7, &score, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "codes", csat_form_score(form, NULL, 8, &score, &err));
  FAILS(CSAT_STATUS_BAD_VALUE, "yes, no", csat_form_codes(form, given, 1, out, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "UTF-8", csat_form_codes(form, given + 1, 1, out, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "codes", csat_form_codes(form, given, 1, NULL, &err));
  score.struct_size = 0;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "_INIT", csat_form_score(form, codes, 8, &score, &err));
  CHECK(out[0] == 5 && score.present == 0);
  csat_form_free(form);
}

/* An error struct that is not set up is left alone; a message too long is cut. */
static void errors(void) {
  csat_error raw;
  char name[3000];
  csat_text text = CSAT_TEXT_INIT;
  memset(&raw, 0, sizeof raw);
  CHECK(csat_call(NULL, 0, &text, &raw) != CSAT_STATUS_OK && raw.status == 0 && raw.message[0] == '\0');
  memset(name, 'x', sizeof name);
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "xxxx", csat_explain(name, sizeof name, &text, &err));
  CHECK(sizeof err.message == 1024);
}

static void panics(void) {
#ifdef CSAT_TEST_PANIC
  csat_tally *tally = NULL, *other = NULL;
  csat_answer answer = CSAT_ANSWER_INIT;
  size_t bytes = 0;
  OK(csat_tally_new(PLAN, CSAT_NUL, &tally, &err));
  OK(csat_tally_empty_like(tally, &other, &err));
  FAILS(CSAT_STATUS_PANIC, "provoked by a test", csat_test_panic(tally, &err));
  FAILS(CSAT_STATUS_POISONED, "free it", csat_tally_push_answer(tally, &answer, NULL, &err));
  FAILS(CSAT_STATUS_POISONED, "free it", csat_tally_memory(tally, &bytes, &err));
  FAILS(CSAT_STATUS_POISONED, "free it", csat_tally_merge(other, tally, &err));
  answer.score = 9;
  OK(csat_tally_push_answer(other, &answer, NULL, &err));
  csat_tally_free(other);
  csat_tally_free(tally);
#endif
}

int main(void) {
  pointers();
  texts();
  columns();
  forms();
  errors();
  panics();
  FINISH();
}
