/* Calendars and response targets: single questions, columns, and what is refused. */
#include <stdlib.h>

#include "check.h"

#define SECOND ((int64_t)1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

static csat_error err = CSAT_ERROR_INIT;

static int64_t at(const char *text) {
  int64_t instant = 0;
  OK(csat_instant_parse(text, CSAT_NUL, &instant, &err));
  return instant;
}

static const char *const WEEK =
    "{\"time_zone\": \"Europe/Moscow\", \"production\": \"ru\", \"hours\": {\"mon\": [[\"10:00\", \"19:00\"]], "
    "\"tue\": [[\"10:00\", \"19:00\"]], \"wed\": [[\"10:00\", \"19:00\"]], \"thu\": [[\"10:00\", \"19:00\"]], "
    "\"fri\": [[\"10:00\", \"19:00\"]]}}";

static void calendars(void) {
  csat_calendar *calendar = NULL, *never = NULL;
  csat_text text = CSAT_TEXT_INIT;
  /* A Friday evening; the Friday before the working Saturday 2024-04-27; a row without an end. */
  int64_t friday = at("2024-03-01T18:30+03:00"), found = 7;
  int64_t from[3], to[3], out[3] = {1, 2, 3}, durations[3];
  int32_t open = -1;
  from[0] = friday;
  to[0] = at("2024-03-04T10:20+03:00");
  from[1] = at("2024-04-26T18:00+03:00");
  to[1] = at("2024-04-29T12:00+03:00");
  from[2] = friday;
  to[2] = CSAT_MISSING;
  OK(csat_calendar_new(WEEK, CSAT_NUL, &calendar, &err));
  OK(csat_calendar_is_open(calendar, friday, &open, &err));
  CHECK(open == 1);
  OK(csat_calendar_is_open(calendar, at("2024-03-01T19:00+03:00"), &open, &err));
  CHECK(open == 0);
  OK(csat_calendar_next_open(calendar, at("2024-03-01T19:00+03:00"), &found, &err));
  CHECK(found == at("2024-03-04T10:00+03:00"));
  OK(csat_calendar_previous_open(calendar, at("2024-03-04T10:00+03:00"), &found, &err));
  CHECK(found == at("2024-03-01T19:00+03:00"));
  OK(csat_calendar_closing(calendar, friday, &found, &err));
  CHECK(found == at("2024-03-01T19:00+03:00"));
  OK(csat_calendar_add(calendar, friday, HOUR, &found, &err));
  CHECK(found == at("2024-03-04T10:30+03:00"));
  OK(csat_calendar_elapsed(calendar, from[0], to[0], &found, &err));
  CHECK(found == 50 * MINUTE);
  /* An hour on Friday, nine on the Saturday that is worked for the Monday. */
  OK(csat_calendar_elapsed_column(calendar, from, to, 3, out, &err));
  CHECK(out[0] == 50 * MINUTE && out[1] == 10 * HOUR && out[2] == CSAT_MISSING);
  durations[0] = HOUR;
  durations[1] = 11 * HOUR;
  durations[2] = CSAT_MISSING;
  OK(csat_calendar_add_column(calendar, from, 3, durations, 3, out, &err));
  CHECK(out[0] == at("2024-03-04T10:30+03:00") && out[2] == CSAT_MISSING);
  /* 2024-04-29 to 05-01 are off: the eleventh hour is on Thursday the 2nd. */
  CHECK(out[1] == at("2024-05-02T11:00+03:00"));
  OK(csat_calendar_add_column(calendar, from, 2, durations, 1, out, &err));
  CHECK(out[1] == at("2024-04-26T19:00+03:00"));
  OK(csat_calendar_elapsed_column(calendar, NULL, NULL, 0, NULL, &err));
  OK(csat_calendar_explain(calendar, from[0], to[0], &text, &err));
  CHECK(strstr(text.data, "Mon 2024-03-04 10:00 to 10:20: 20m") != NULL);
  csat_text_free(&text);

  out[0] = 5;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "later than", csat_calendar_elapsed(calendar, to[0], from[0], out, &err));
  to[1] = from[1] - 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "row 1", csat_calendar_elapsed_column(calendar, from, to, 3, out, &err));
  CHECK(err.row == 1 && out[0] == 5);
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "years 1970 to 2069", csat_calendar_is_open(calendar, INT64_MAX, &open, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "missing", csat_calendar_next_open(calendar, CSAT_MISSING, out, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "give 1 or as many", csat_calendar_add_column(calendar, from, 3, durations, 2, out, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "starts", csat_calendar_add_column(calendar, NULL, 3, durations, 1, out, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "out", csat_calendar_elapsed_column(calendar, from, to, 3, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "out", csat_calendar_closing(calendar, friday, NULL, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "calendar", csat_calendar_closing(NULL, friday, out, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "UTF-8", csat_calendar_new("\377\376", CSAT_NUL, &never, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "calendar", csat_calendar_new(NULL, CSAT_NUL, &never, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "time_zone", csat_calendar_new("{\"timezone\": \"UTC\"}", CSAT_NUL, &never, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "overlaps",
        csat_calendar_new("{\"time_zone\": \"UTC\", \"hours\": {\"mon\": [[\"09:00\", \"12:00\"], [\"11:00\", \"13:00\"]]}}",
                          CSAT_NUL, &never, &err));
  CHECK(never == NULL);
  OK(csat_calendar_new("{\"time_zone\": \"UTC\"}", CSAT_NUL, &never, &err));
  FAILS(CSAT_STATUS_UNDEFINED, "no working time at all", csat_calendar_next_open(never, friday, out, &err));
  FAILS(CSAT_STATUS_UNDEFINED, "no working time at all", csat_calendar_add(never, friday, HOUR, out, &err));
  csat_calendar_free(never);
  csat_calendar_free(calendar);
  csat_calendar_free(NULL);
}

static void tickets(void) {
  csat_sla *sla = NULL, *none = NULL;
  csat_text text = CSAT_TEXT_INIT;
  csat_ticket ticket = CSAT_TICKET_INIT;
  csat_judgement judged = CSAT_JUDGEMENT_INIT;
  csat_pause pauses[2];
  uint32_t mail = 0, chat = 0, missed = 0, ordered = 0, fax = 0;
  int64_t due = 0;
  OK(csat_sla_shipped(CSAT_SLA_SUPPORT_10_19, &sla, &err));
  OK(csat_sla_prepare(sla, CSAT_EVENT_FIRST_RESPONSE, "email", NULL, NULL, NULL, &mail, &err));
  OK(csat_sla_prepare(sla, CSAT_EVENT_FIRST_RESPONSE, "chat", NULL, NULL, NULL, &chat, &err));
  OK(csat_sla_prepare(sla, CSAT_EVENT_FIRST_RESPONSE, "fax", "high", NULL, NULL, &fax, &err));
  OK(csat_sla_prepare(sla, CSAT_EVENT_CALLBACK, NULL, NULL, NULL, NULL, &missed, &err));
  OK(csat_sla_prepare(sla, CSAT_EVENT_ORDERED_CALL, NULL, NULL, NULL, NULL, &ordered, &err));
  OK(csat_sla_due(sla, missed, at("2024-03-01T18:50+03:00"), &due, &err));
  CHECK(due == at("2024-03-04T10:20+03:00"));
  OK(csat_sla_due(sla, missed, at("2024-03-01T19:00+03:00"), &due, &err));
  CHECK(due == at("2024-03-04T11:00+03:00"));
  OK(csat_sla_due(sla, missed, at("2024-03-01T20:15+03:00"), &due, &err));
  CHECK(due == at("2024-03-04T11:00+03:00"));
  OK(csat_sla_due(sla, mail, at("2024-03-01T18:30+03:00"), &due, &err));
  CHECK(due == at("2024-03-04T10:30+03:00"));
  OK(csat_sla_due(sla, chat, at("2024-03-01T18:59+03:00"), &due, &err));
  CHECK(due == at("2024-03-04T10:01+03:00"));
  OK(csat_sla_due(sla, fax, at("2024-03-01T18:59+03:00"), &due, &err));
  CHECK(due == CSAT_MISSING);

  /* Five minutes of Monday are paused, once, although two pauses hold them. */
  pauses[0].from = at("2024-03-04T10:02+03:00");
  pauses[0].until = at("2024-03-04T10:05+03:00");
  pauses[1].from = at("2024-03-04T10:00+03:00");
  pauses[1].until = at("2024-03-04T10:04+03:00");
  ticket.code = mail;
  ticket.start = at("2024-03-01T18:30+03:00");
  ticket.done = at("2024-03-04T10:20+03:00");
  ticket.pauses = pauses;
  ticket.pause_count = 2;
  OK(csat_sla_judge(sla, &ticket, &judged, &err));
  CHECK(judged.verdict == CSAT_VERDICT_MET && strcmp(csat_verdict_name(judged.verdict), "met") == 0);
  CHECK(judged.due == at("2024-03-04T10:35+03:00") && judged.elapsed == 45 * MINUTE && judged.remaining == 15 * MINUTE);
  OK(csat_sla_explain(sla, &ticket, &text, &err));
  CHECK(strstr(text.data, "45m used, 15m left") != NULL);
  csat_text_free(&text);
  /* A time set by the customer, from five minutes before to fifteen after, also when it lies before the order. */
  ticket.pause_count = 0;
  ticket.code = ordered;
  ticket.start = at("2024-03-02T11:00+03:00");
  ticket.requested = at("2024-03-02T12:00+03:00");
  ticket.done = at("2024-03-02T11:54:59+03:00");
  OK(csat_sla_judge(sla, &ticket, &judged, &err));
  CHECK(judged.verdict == CSAT_VERDICT_MISSED_EARLY && judged.due == at("2024-03-02T12:15+03:00"));
  ticket.done = at("2024-03-02T12:15+03:00");
  OK(csat_sla_judge(sla, &ticket, &judged, &err));
  CHECK(judged.verdict == CSAT_VERDICT_MET && judged.elapsed == 15 * MINUTE);
  ticket.requested = at("2024-03-01T12:00+03:00");
  OK(csat_sla_judge(sla, &ticket, &judged, &err));
  CHECK(judged.verdict == CSAT_VERDICT_MISSED_LATE && judged.remaining < 0);
  ticket.done = CSAT_MISSING;
  ticket.requested = CSAT_MISSING;
  OK(csat_sla_judge(sla, &ticket, &judged, &err));
  CHECK(judged.verdict == CSAT_VERDICT_RUNNING && judged.elapsed == CSAT_MISSING);

  ticket.done = ticket.start - 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "earlier than the start", csat_sla_judge(sla, &ticket, &judged, &err));
  ticket.start = CSAT_MISSING;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "no start", csat_sla_judge(sla, &ticket, &judged, &err));
  pauses[0].until = pauses[0].from - 1;
  ticket.pause_count = 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "begin before it ends", csat_sla_judge(sla, &ticket, &judged, &err));
  ticket.pauses = NULL;
  FAILS(CSAT_STATUS_BAD_POINTER, "pauses", csat_sla_judge(sla, &ticket, &judged, &err));
  judged.struct_size = 4;
  ticket.pause_count = 0;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "_INIT", csat_sla_judge(sla, &ticket, &judged, &err));
  ticket.struct_size += 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "newer csat", csat_sla_explain(sla, &ticket, &text, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "no code of this SLA", csat_sla_due(sla, 1u << 30, due, &due, &err));
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "years", csat_sla_due(sla, mail, INT64_MAX, &due, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "callback", csat_sla_prepare(sla, "calback", NULL, NULL, NULL, NULL, &mail, &err));
  FAILS(CSAT_STATUS_BAD_POINTER, "event", csat_sla_prepare(sla, NULL, NULL, NULL, NULL, NULL, &mail, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "support_10_19", csat_sla_shipped("support", &none, &err));
  FAILS(CSAT_STATUS_BAD_TEXT, "UTF-8", csat_sla_new("\377", 1, &none, &err));
  CHECK(none == NULL && strcmp(csat_verdict_name(99), "unknown") == 0);
  csat_sla_free(sla);
  csat_sla_free(NULL);
}

static csat_column column(const char *name, int32_t type, const void *values, size_t length) {
  csat_column made = CSAT_COLUMN_INIT;
  made.name = name;
  made.type = type;
  made.values = values;
  made.length = length;
  return made;
}

static void columns(void) {
  enum { ROWS = 4 };
  csat_sla *sla = NULL;
  static const char *const channels[] = {"email", "chat", "fax"};
  static const int8_t codes[ROWS] = {0, 1, 2, 0};
  static const char *const ids[ROWS] = {"a", "b", "c", "d"}, *const paused[2] = {"a", "a"};
  static const char *const wrong[1] = {"\377"};
  int64_t created[ROWS], answered[ROWS], due[ROWS], elapsed[ROWS], remaining[ROWS], from[2], until[2];
  int32_t verdict[ROWS] = {9, 9, 9, 9};
  csat_column given[4], pauses[3];
  created[0] = created[1] = created[2] = at("2024-03-01T18:30+03:00");
  created[3] = CSAT_MISSING;
  answered[0] = at("2024-03-04T10:20+03:00");
  answered[1] = answered[2] = answered[3] = CSAT_MISSING;
  from[0] = at("2024-03-04T10:00+03:00");
  until[0] = from[1] = at("2024-03-04T10:05+03:00");
  until[1] = at("2024-03-04T10:10+03:00");
  given[0] = column("created", CSAT_TYPE_INSTANT, created, ROWS);
  given[1] = column("first_response", CSAT_TYPE_INSTANT, answered, ROWS);
  given[2] = column("channel", CSAT_TYPE_INT8, codes, ROWS);
  given[2].dictionary = channels;
  given[2].dictionary_length = 3;
  given[3] = column("id", CSAT_TYPE_TEXT, ids, ROWS);
  pauses[0] = column("ticket", CSAT_TYPE_TEXT, paused, 2);
  pauses[1] = column("from", CSAT_TYPE_INSTANT, from, 2);
  pauses[2] = column("until", CSAT_TYPE_INSTANT, until, 2);
  OK(csat_sla_shipped(CSAT_SLA_SUPPORT_10_19, &sla, &err));
  OK(csat_sla_judge_columns(sla, given, 4, pauses, 3, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, due, verdict,
                            elapsed, remaining, &err));
  CHECK(due[0] == at("2024-03-04T10:40+03:00") && due[1] == at("2024-03-01T18:32+03:00"));
  CHECK(due[2] == CSAT_MISSING && due[3] == CSAT_MISSING);
  CHECK(verdict[0] == CSAT_VERDICT_MET && verdict[1] == CSAT_VERDICT_RUNNING);
  CHECK(verdict[2] == CSAT_VERDICT_NO_TARGET && verdict[3] == CSAT_VERDICT_NONE);
  CHECK(elapsed[0] == 40 * MINUTE && remaining[0] == 20 * MINUTE && elapsed[1] == CSAT_MISSING);
  /* Only what is wanted; the open chat is late a minute after its two. */
  OK(csat_sla_judge_columns(sla, given, 3, NULL, 0, CSAT_EVENT_FIRST_RESPONSE, NULL, created[0] + 3 * MINUTE, ROWS, NULL,
                            verdict, NULL, remaining, &err));
  CHECK(verdict[1] == CSAT_VERDICT_OVERDUE && remaining[1] == -MINUTE && remaining[0] == 10 * MINUTE);

  verdict[0] = 9;
  answered[2] = created[2] - 1;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "row 2",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, NULL, verdict,
                               NULL, NULL, &err));
  CHECK(err.row == 2 && verdict[0] == 9);
  answered[2] = CSAT_MISSING;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "the outputs 3",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, NULL, NULL, CSAT_MISSING, 3, due, NULL, NULL, NULL, &err));
  FAILS(CSAT_STATUS_MISSING_COLUMN, "event",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, NULL, NULL, CSAT_MISSING, ROWS, due, NULL, NULL, NULL, &err));
  FAILS(CSAT_STATUS_MISSING_COLUMN, "channel",
        csat_sla_judge_columns(sla, given, 2, NULL, 0, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, due, NULL, NULL,
                               NULL, &err));
  FAILS(CSAT_STATUS_INVALID_OPTION, "no target for resolution",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, CSAT_EVENT_RESOLUTION, NULL, CSAT_MISSING, ROWS, due, NULL, NULL,
                               NULL, &err));
  FAILS(CSAT_STATUS_UNKNOWN_NAME, "zone",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, CSAT_EVENT_CALLBACK, "Europe/Moscw", CSAT_MISSING, ROWS, due, NULL,
                               NULL, NULL, &err));
  given[0].type = CSAT_TYPE_LOCAL_TIME;
  FAILS(CSAT_STATUS_WRONG_TYPE, "zone",
        csat_sla_judge_columns(sla, given, 3, NULL, 0, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, due, NULL, NULL,
                               NULL, &err));
  given[0].type = CSAT_TYPE_INSTANT;
  until[1] = from[1] - 1;
  FAILS(CSAT_STATUS_BAD_VALUE, "row 1 of the pauses",
        csat_sla_judge_columns(sla, given, 4, pauses, 3, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, due, NULL,
                               NULL, NULL, &err));
  given[3].values = wrong;
  given[3].length = 1;
  FAILS(CSAT_STATUS_BAD_TEXT, "UTF-8",
        csat_sla_judge_columns(sla, given, 4, NULL, 0, CSAT_EVENT_FIRST_RESPONSE, NULL, CSAT_MISSING, ROWS, due, NULL, NULL,
                               NULL, &err));
  csat_sla_free(sla);
}

int main(void) {
  calendars();
  tickets();
  columns();
  FINISH();
}
