/* Runs vectors against the C face: one command a line on stdin, one answer a line on stdout.
 *
 *   catalogue                     csat_catalogue_json
 *   call REQUEST                  csat_call
 *   explain ID                    csat_explain
 *   tally NAME PLAN               makes an empty tally of a plan (JSON); a NAME in use is freed first
 *   like NAME OTHER               NAME becomes an empty tally like OTHER
 *   columns NAME COUNT OPTIONS    pushes columns; COUNT lines follow, one a column:
 *                                   column<TAB>TYPE<TAB>value<TAB>value…
 *                                 TYPE is integer, float, text, flag, instant, local_time, date, seconds (floats) or
 *                                 duration (microseconds). An empty value is missing; nothing after TYPE, not even
 *                                 a tab, is a column without rows. Texts escape \t, \n and \\; \e is the empty text
 *   contact NAME k=v …            pushes one record; keys are the fields of the struct (instants and durations in
 *   answer NAME k=v …             microseconds, outcome by name), `key.COLUMN=TEXT` for keys of the plan, `mark.ITEM=N`
 *   evaluation NAME k=v …         for items and marks, and OPTIONS; a value escapes blank as \s
 *   merge NAME OTHER              and: subtract NAME OTHER
 *   roll_up NAME OTHER EVERY K …  NAME becomes OTHER pooled to keys K … and slots of EVERY (- for none)
 *   window NAME OTHER FROM UNTIL  NAME becomes a window of OTHER
 *   forget NAME BEFORE
 *   save NAME                     answers the state in hexadecimal digits; saved bytes are loaded again and compared
 *   load NAME HEX                 and: merge_saved NAME HEX
 *   report NAME CONFIDENCE        the rows as a JSON list; CONFIDENCE `none` for values alone
 *   report_as NAME CONFIDENCE RECIPES
 *   describe NAME, set_aside NAME, memory NAME
 *   form NAME CONTACT_TYPE TEXT   a form as JSON or as TOML with \n escaped; CONTACT_TYPE - for none
 *   shipped NAME CONTACT_TYPE FORM
 *   form_json NAME
 *   score NAME ANSWER<TAB>…       one answer a criterion as text; empty is no answer. Answers the score as JSON
 *   explain_score NAME ANSWER<TAB>…
 *   log NAME OPTIONS              makes a queue-log reader (OPTIONS JSON or -)
 *   bytes NAME TEXT               pushes bytes, \n and \\ escaped
 *   finish NAME, counts NAME, open NAME
 *   contacts NAME                 the complete contacts as a JSON list
 *   log_into NAME TALLY           counts complete contacts
 *   waiting_into NAME TALLY AS_OF
 *
 * OPTIONS are `bad_rows=set_aside` and `as_of=MICROSECONDS`, any of them, with blanks between.
 * An answer is `ok`, `ok VALUE` or, for a failed call, `error KIND MESSAGE` (line ends as blanks). Blank lines and lines
 * that begin with # are skipped. It names no measure and stops only at the end of its input. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csat.h"

enum { HANDLES = 64, WORDS = 512, NAME = 64 };

typedef enum kind { NONE, TALLY, FORM, LOG } kind;

typedef struct slot {
  char name[NAME];
  kind kind;
  csat_tally *tally;
  csat_form *form;
  csat_queue_log *log;
} slot;

static slot slots[HANDLES];
static csat_error err = CSAT_ERROR_INIT;

/* ---- answers ---- */

static void flat(const char *text) {
  for (; *text != '\0'; text++) putchar(*text == '\n' || *text == '\r' ? ' ' : *text);
  putchar('\n');
}

/* Says how a call ended; 1 if it succeeded. */
static int done(csat_status status) {
  if (status == CSAT_STATUS_OK) return 1;
  printf("error %s ", csat_status_name(status));
  flat(err.message);
  return 0;
}

static void refuse(const char *message) {
  printf("error driver ");
  flat(message);
}

static void ok(void) { puts("ok"); }

static void say(csat_status status, csat_text *text) {
  if (done(status)) {
    printf("ok ");
    flat(text->data);
  }
  csat_text_free(text);
}

/* ---- words ---- */

static void *grow(void *memory, size_t size) {
  memory = realloc(memory, size == 0 ? 1 : size);
  if (memory == NULL) {
    fputs("out of memory\n", stderr);
    exit(2);
  }
  return memory;
}

/* Reads a line of any length without its end; NULL at the end of the input. */
static char *read_line(void) {
  size_t size = 0, room = 256;
  char *line = (char *)grow(NULL, room);
  int c;
  while ((c = getchar()) != EOF && c != '\n') {
    if (size + 2 > room) line = (char *)grow(line, room *= 2);
    line[size++] = (char)c;
  }
  if (c == EOF && size == 0) {
    free(line);
    return NULL;
  }
  line[size] = '\0';
  return line;
}

/* Cuts the next word off at a separator; the rest may be empty. */
static char *word(char **rest, char separator) {
  char *start = *rest, *end = strchr(start, separator);
  if (end == NULL) {
    *rest = start + strlen(start);
  } else {
    *end = '\0';
    *rest = end + 1;
  }
  return start;
}

/* Undoes escapes in place. */
static char *plain(char *text) {
  char *from = text, *to = text;
  for (; *from != '\0'; from++) {
    if (*from != '\\' || from[1] == '\0') {
      *to++ = *from;
      continue;
    }
    from++;
    if (*from == 'e') continue;
    *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 's' ? ' ' : *from;
  }
  *to = '\0';
  return text;
}

static int64_t integer(const char *text, int *bad) {
  char *end;
  int64_t value;
  errno = 0;
  value = strtoll(text, &end, 10);
  if (*text == '\0' || *end != '\0' || errno != 0) *bad = 1;
  return value;
}

static double number(const char *text, int *bad) {
  char *end;
  double value = strtod(text, &end);
  if (*text == '\0' || *end != '\0') *bad = 1;
  return value;
}

/* ---- handles ---- */

static slot *find(const char *name, kind wanted) {
  int i;
  for (i = 0; i < HANDLES; i++) {
    if (slots[i].kind != NONE && strcmp(slots[i].name, name) == 0 && (wanted == NONE || slots[i].kind == wanted)) {
      return &slots[i];
    }
  }
  return NULL;
}

static void empty(slot *s) {
  csat_tally_free(s->tally);
  csat_form_free(s->form);
  csat_queue_log_free(s->log);
  memset(s, 0, sizeof *s);
}

static void keep(const char *name, kind kind, csat_tally *tally, csat_form *form, csat_queue_log *log) {
  slot *s = find(name, NONE);
  int i;
  for (i = 0; s == NULL && i < HANDLES; i++) {
    if (slots[i].kind == NONE) s = &slots[i];
  }
  if (s == NULL) {
    fputs("too many handles\n", stderr);
    exit(2);
  }
  empty(s);
  snprintf(s->name, sizeof s->name, "%s", name);
  s->kind = kind;
  s->tally = tally;
  s->form = form;
  s->log = log;
}

static csat_tally *tally_of(const char *name) {
  slot *s = find(name, TALLY);
  if (s == NULL) refuse("no tally has this name");
  return s == NULL ? NULL : s->tally;
}

static void keep_tally(const char *name, csat_status status, csat_tally *tally) {
  if (!done(status)) return;
  keep(name, TALLY, tally, NULL, NULL);
  ok();
}

/* One option; 0 if it is none. */
static int option(csat_push_options *options, const char *text, int *bad) {
  if (strcmp(text, "bad_rows=set_aside") == 0) {
    options->bad_rows = CSAT_BAD_ROWS_SET_ASIDE;
  } else if (strcmp(text, "bad_rows=refuse") == 0) {
    options->bad_rows = CSAT_BAD_ROWS_REFUSE;
  } else if (strncmp(text, "as_of=", 6) == 0) {
    options->as_of = integer(text + 6, bad);
  } else {
    return 0;
  }
  return 1;
}

/* ---- columns ---- */

typedef struct owned {
  char *line;
  void *values;
  uint8_t *there;
} owned;

/* Turns a line into a column; 0 if the line cannot be read. */
static int column_of(char *line, csat_column *column, owned *own) {
  static const csat_column fresh = CSAT_COLUMN_INIT;
  char *rest = line, *type;
  size_t count = 0, at;
  int bad = 0;
  char *p;
  *column = fresh;
  own->line = line;
  column->name = plain(word(&rest, '\t'));
  type = word(&rest, '\t');
  if (rest > type + strlen(type)) {
    for (count = 1, p = rest; *p != '\0'; p++) count += *p == '\t';
  }
  own->values = grow(NULL, count * 8);
  own->there = (uint8_t *)grow(NULL, count);
  column->length = count;
  column->values = own->values;
  column->validity_type = CSAT_VALIDITY_BYTES;
  column->validity = own->there;
  if (strcmp(type, "text") == 0) {
    column->type = CSAT_TYPE_TEXT;
    column->validity_type = CSAT_VALIDITY_ALL;
  } else if (strcmp(type, "integer") == 0) {
    column->type = CSAT_TYPE_INT64;
  } else if (strcmp(type, "float") == 0) {
    column->type = CSAT_TYPE_FLOAT64;
  } else if (strcmp(type, "seconds") == 0) {
    column->type = CSAT_TYPE_FLOAT64;
    column->unit = CSAT_UNIT_OF_TIME_SECOND;
  } else if (strcmp(type, "flag") == 0) {
    column->type = CSAT_TYPE_BOOL;
  } else if (strcmp(type, "instant") == 0) {
    column->type = CSAT_TYPE_INSTANT;
  } else if (strcmp(type, "local_time") == 0) {
    column->type = CSAT_TYPE_LOCAL_TIME;
  } else if (strcmp(type, "date") == 0) {
    column->type = CSAT_TYPE_DATE;
  } else if (strcmp(type, "duration") == 0) {
    column->type = CSAT_TYPE_DURATION;
  } else {
    return 0;
  }
  for (at = 0; at < count; at++) {
    char *value = word(&rest, '\t');
    int missing = *value == '\0';
    own->there[at] = (uint8_t)!missing;
    switch (column->type) {
      case CSAT_TYPE_TEXT: ((const char **)own->values)[at] = missing ? NULL : plain(value); break;
      case CSAT_TYPE_FLOAT64: ((double *)own->values)[at] = missing ? 0.0 : number(value, &bad); break;
      case CSAT_TYPE_DATE: ((int32_t *)own->values)[at] = missing ? 0 : (int32_t)integer(value, &bad); break;
      case CSAT_TYPE_BOOL: ((uint8_t *)own->values)[at] = strcmp(value, "true") == 0 || strcmp(value, "1") == 0; break;
      default: ((int64_t *)own->values)[at] = missing ? 0 : integer(value, &bad); break;
    }
  }
  return !bad;
}

static void push_columns(char *rest) {
  csat_tally *tally = tally_of(word(&rest, ' '));
  csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
  csat_column *columns;
  owned *own;
  int bad = 0;
  size_t at, count = (size_t)integer(word(&rest, ' '), &bad);
  if (bad || count > 10000) count = 0, bad = 1;
  while (*rest != '\0') bad |= !option(&options, word(&rest, ' '), &bad);
  columns = (csat_column *)grow(NULL, count * sizeof *columns);
  own = (owned *)grow(NULL, count * sizeof *own);
  memset(own, 0, count * sizeof *own);
  for (at = 0; at < count; at++) {
    char *line = read_line();
    if (line == NULL) {
      count = at;
      bad = 1;
    } else if (!column_of(line, &columns[at], &own[at])) {
      bad = 1;
    }
  }
  if (bad) {
    if (tally != NULL) refuse("the columns cannot be read");
  } else if (tally != NULL && done(csat_tally_push_columns(tally, columns, count, &options, &err))) {
    ok();
  }
  for (at = 0; at < count; at++) {
    free(own[at].line);
    free(own[at].values);
    free(own[at].there);
  }
  free(own);
  free(columns);
}

/* ---- single records ---- */

typedef struct event {
  csat_contact contact;
  csat_answer answer;
  csat_evaluation evaluation;
  uint32_t keys[WORDS];
  size_t key_count;
  const char *items[WORDS];
  int64_t wide[WORDS];
  int16_t marks[WORDS];
  size_t item_count;
} event;

static int outcome(const char *name) {
  int code;
  for (code = 0; code < 100; code++) {
    if (strcmp(csat_outcome_name(code), name) == 0) return code;
  }
  return -2;
}

/* Sets one field; 0 if the record has none of this name. Fields of the three records do not contradict each other. */
static int field(event *e, const char *name, const char *value, int *bad) {
  struct wide { const char *name; int64_t *at; };
  struct small { const char *name; int32_t *at; };
  struct wide wides[16];
  struct small smalls[8];
  size_t i, w = 0, s = 0;
#define WIDE(n, field) (wides[w].name = (n), wides[w++].at = &(field))
#define SMALL(n, field) (smalls[s].name = (n), smalls[s++].at = &(field))
  WIDE("offered", e->contact.offered);
  WIDE("started", e->contact.started);
  WIDE("rang", e->contact.rang);
  WIDE("ended", e->contact.ended);
  WIDE("wait", e->contact.wait);
  WIDE("talk", e->contact.talk);
  WIDE("hold", e->contact.hold);
  WIDE("wrap", e->contact.wrap);
  WIDE("asked", e->answer.asked);
  WIDE("score", e->answer.score);
  WIDE("at", e->evaluation.at);
  WIDE("revision", e->evaluation.revision);
  SMALL("legs", e->contact.legs);
  SMALL("transferred", e->contact.transferred);
  SMALL("in_hours", e->contact.in_hours);
  for (i = 0; i < w; i++) {
    if (strcmp(wides[i].name, name) == 0) return *wides[i].at = integer(value, bad), 1;
  }
  for (i = 0; i < s; i++) {
    if (strcmp(smalls[i].name, name) == 0) return *smalls[i].at = (int32_t)integer(value, bad), 1;
  }
  if (strcmp(name, "answered") == 0) {
    e->contact.answered = e->answer.answered = integer(value, bad);
    return 1;
  }
  if (strcmp(name, "outcome") == 0) {
    e->contact.outcome = outcome(value);
    return 1;
  }
  return 0;
}

static void push_event(char *rest, const char *what) {
  static const csat_contact no_contact = CSAT_CONTACT_INIT;
  static const csat_answer no_answer = CSAT_ANSWER_INIT;
  static const csat_evaluation no_evaluation = CSAT_EVALUATION_INIT;
  static event e;
  csat_tally *tally = tally_of(word(&rest, ' '));
  csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
  csat_status status = CSAT_STATUS_OK;
  int bad = 0;
  if (tally == NULL) return;
  e.contact = no_contact;
  e.answer = no_answer;
  e.evaluation = no_evaluation;
  e.key_count = e.item_count = 0;
  while (*rest != '\0' && status == CSAT_STATUS_OK) {
    char *pair = word(&rest, ' '), *value;
    if (*pair == '\0' || option(&options, pair, &bad)) continue;
    value = strchr(pair, '=');
    if (value == NULL || e.key_count == WORDS || e.item_count == WORDS) {
      bad = 1;
      break;
    }
    *value++ = '\0';
    plain(value);
    if (strncmp(pair, "key.", 4) == 0) {
      status = csat_tally_prepare_key(tally, pair + 4, *value == '\0' ? NULL : value, strlen(value),
                                      &e.keys[e.key_count++], &err);
    } else if (strncmp(pair, "mark.", 5) == 0) {
      int64_t mark = *value == '\0' ? CSAT_MISSING : integer(value, &bad);
      e.items[e.item_count] = pair + 5;
      e.wide[e.item_count] = mark;
      e.marks[e.item_count++] = mark == CSAT_MISSING ? CSAT_MISSING_MARK : (int16_t)mark;
    } else if (strcmp(pair, "form") == 0) {
      status = csat_tally_category_code(tally, pair, value, CSAT_NUL, &e.evaluation.form, &err);
    } else if (strcmp(pair, "form_version") == 0) {
      status = csat_tally_category_code(tally, pair, value, CSAT_NUL, &e.evaluation.form_version, &err);
    } else if (strcmp(pair, "contact_type") == 0) {
      status = csat_tally_category_code(tally, pair, value, CSAT_NUL, &e.evaluation.contact_type, &err);
    } else if (strcmp(pair, "kind") == 0) {
      status = csat_tally_category_code(tally, pair, value, CSAT_NUL, &e.evaluation.kind, &err);
    } else if (!field(&e, pair, value, &bad)) {
      bad = 1;
    }
  }
  if (bad) {
    refuse("the record cannot be read");
    return;
  }
  if (status == CSAT_STATUS_OK && strcmp(what, "contact") != 0) {
    status = csat_tally_prepare_items(tally, e.items, e.item_count, &err);
  }
  e.contact.keys = e.answer.keys = e.evaluation.keys = e.keys;
  e.contact.key_count = e.answer.key_count = e.evaluation.key_count = e.key_count;
  e.answer.items = e.wide;
  e.evaluation.marks = e.marks;
  e.answer.item_count = e.evaluation.mark_count = e.item_count;
  if (status != CSAT_STATUS_OK) {
  } else if (strcmp(what, "contact") == 0) {
    status = csat_tally_push_contact(tally, &e.contact, &options, &err);
  } else if (strcmp(what, "answer") == 0) {
    status = csat_tally_push_answer(tally, &e.answer, &options, &err);
  } else {
    status = csat_tally_push_evaluation(tally, &e.evaluation, &options, &err);
  }
  if (done(status)) ok();
}

/* ---- verbs on tallies ---- */

static void save(csat_tally *tally) {
  uint8_t *bytes, *again;
  csat_tally *copy = NULL;
  size_t size = 0, same = 0, i;
  csat_status status = csat_tally_save(tally, NULL, 0, &size, &err);
  if (status != CSAT_STATUS_SHORT_BUFFER && !done(status)) return;
  bytes = (uint8_t *)grow(NULL, size);
  again = (uint8_t *)grow(NULL, size);
  if (done(csat_tally_save(tally, bytes, size, &size, &err)) && done(csat_tally_load(bytes, size, &copy, &err)) &&
      done(csat_tally_save(copy, again, size, &same, &err))) {
    if (same != size || memcmp(bytes, again, size) != 0) {
      refuse("loaded and saved again, the bytes differ");
    } else {
      printf("ok ");
      for (i = 0; i < size; i++) printf("%02x", bytes[i]);
      putchar('\n');
    }
  }
  csat_tally_free(copy);
  free(bytes);
  free(again);
}

/* Hexadecimal digits in place; the number of bytes, or -1. */
static long unhex(char *text) {
  size_t i, digits = strlen(text);
  for (i = 0; i + 1 < digits; i += 2) {
    char pair[3] = {text[i], text[i + 1], '\0'}, *end;
    long byte = strtol(pair, &end, 16);
    if (*end != '\0') return -1;
    text[i / 2] = (char)byte;
  }
  return digits % 2 == 0 ? (long)(digits / 2) : -1;
}

static void report(csat_tally *tally, const char *level, const char *recipes) {
  csat_report *read = NULL;
  csat_text text = CSAT_TEXT_INIT;
  csat_row row = CSAT_ROW_INIT;
  size_t rows = 0, i;
  int bad = 0;
  double confidence = strcmp(level, "none") == 0 ? NAN : number(level, &bad);
  csat_status status;
  if (bad) {
    refuse("the confidence cannot be read");
    return;
  }
  status = recipes == NULL ? csat_tally_report(tally, confidence, &read, &err)
                           : csat_tally_report_as(tally, recipes, CSAT_NUL, confidence, &read, &err);
  /* Each row is read once, so that a vector exercises both ways out. */
  if (status == CSAT_STATUS_OK) status = csat_report_rows(read, &rows, &err);
  for (i = 0; i < rows && status == CSAT_STATUS_OK; i++) status = csat_report_row(read, i, &row, &err);
  if (status == CSAT_STATUS_OK) status = csat_report_json(read, &text, &err);
  say(status, &text);
  csat_report_free(read);
}

static void on_tally(const char *verb, const char *name, char *rest) {
  csat_tally *tally = tally_of(name), *from;
  csat_text text = CSAT_TEXT_INIT;
  int bad = 0;
  long size;
  if (tally == NULL) return;
  if (strcmp(verb, "merge") == 0 || strcmp(verb, "subtract") == 0) {
    from = tally_of(word(&rest, ' '));
    if (from == NULL) return;
    if (done(*verb == 'm' ? csat_tally_merge(tally, from, &err) : csat_tally_subtract(tally, from, &err))) ok();
  } else if (strcmp(verb, "forget") == 0) {
    int64_t before = integer(word(&rest, ' '), &bad);
    if (bad) refuse("the instant cannot be read");
    else if (done(csat_tally_forget(tally, before, &err))) ok();
  } else if (strcmp(verb, "save") == 0) {
    save(tally);
  } else if (strcmp(verb, "merge_saved") == 0) {
    size = unhex(rest);
    if (size < 0) refuse("not hexadecimal");
    else if (done(csat_tally_merge_saved(tally, (const uint8_t *)rest, (size_t)size, &err))) ok();
  } else if (strcmp(verb, "report") == 0) {
    report(tally, word(&rest, ' '), NULL);
  } else if (strcmp(verb, "report_as") == 0) {
    char *level = word(&rest, ' ');
    report(tally, level, rest);
  } else if (strcmp(verb, "describe") == 0) {
    csat_status status = csat_tally_describe_json(tally, &text, &err);
    say(status, &text);
  } else if (strcmp(verb, "set_aside") == 0) {
    csat_status status = csat_tally_set_aside_json(tally, &text, &err);
    say(status, &text);
  } else {
    size_t bytes = 0;
    if (done(csat_tally_memory(tally, &bytes, &err))) printf("ok %lu\n", (unsigned long)bytes);
  }
}

static void make_tally(const char *verb, const char *name, char *rest) {
  csat_tally *made = NULL, *from;
  const char *keys[WORDS];
  size_t count = 0;
  int bad = 0;
  if (strcmp(verb, "tally") == 0) {
    csat_status status = csat_tally_new(rest, CSAT_NUL, &made, &err);
    keep_tally(name, status, made);
    return;
  }
  if (strcmp(verb, "load") == 0) {
    long size = unhex(rest);
    csat_status status;
    if (size < 0) {
      refuse("not hexadecimal");
      return;
    }
    status = csat_tally_load((const uint8_t *)rest, (size_t)size, &made, &err);
    keep_tally(name, status, made);
    return;
  }
  from = tally_of(word(&rest, ' '));
  if (from == NULL) return;
  if (strcmp(verb, "like") == 0) {
    csat_status status = csat_tally_empty_like(from, &made, &err);
    keep_tally(name, status, made);
  } else if (strcmp(verb, "window") == 0) {
    int64_t since = integer(word(&rest, ' '), &bad), until = integer(word(&rest, ' '), &bad);
    csat_status status = csat_tally_window(from, since, until, &made, &err);
    if (bad) refuse("the window cannot be read");
    else keep_tally(name, status, made);
    if (bad) csat_tally_free(made);
  } else {
    const char *every = word(&rest, ' ');
    csat_status status;
    while (*rest != '\0' && count < WORDS) keys[count++] = plain(word(&rest, ' '));
    status = csat_tally_roll_up(from, keys, count, strcmp(every, "-") == 0 ? NULL : every, &made, &err);
    keep_tally(name, status, made);
  }
}

/* ---- forms ---- */

static void make_form(const char *verb, const char *name, char *rest) {
  csat_form *form = NULL;
  const char *type = plain(word(&rest, ' '));
  csat_status status;
  if (strcmp(type, "-") == 0) type = NULL;
  if (*verb == 's') {
    status = csat_form_shipped(rest, type, &form, &err);
  } else {
    /* JSON has escapes of its own; TOML comes with its lines escaped. */
    if (*rest != '{') plain(rest);
    status = csat_form_new(rest, CSAT_NUL, type, &form, &err);
  }
  if (!done(status)) return;
  keep(name, FORM, NULL, form, NULL);
  ok();
}

static void print_number(const char *name, double value, int last) {
  if (value == value) printf("\"%s\":%.17g%s", name, value, last ? "" : ",");
  else printf("\"%s\":null%s", name, last ? "" : ",");
}

static void on_form(const char *verb, const char *name, char *rest) {
  slot *s = find(name, FORM);
  csat_text text = CSAT_TEXT_INIT;
  csat_score score = CSAT_SCORE_INIT;
  const char *answers[WORDS];
  int16_t codes[WORDS];
  size_t count = 0;
  csat_status status;
  if (s == NULL) {
    refuse("no form has this name");
    return;
  }
  if (strcmp(verb, "form_json") == 0) {
    status = csat_form_json(s->form, &text, &err);
    say(status, &text);
    return;
  }
  for (;;) {
    char *answer = rest;
    int last = strchr(rest, '\t') == NULL;
    word(&rest, '\t');
    answers[count++] = *answer == '\0' ? NULL : plain(answer);
    if (last || count == WORDS) break;
  }
  status = csat_form_codes(s->form, answers, count, codes, &err);
  if (strcmp(verb, "explain_score") == 0) {
    if (status == CSAT_STATUS_OK) status = csat_form_explain(s->form, codes, count, &text, &err);
    say(status, &text);
    return;
  }
  if (status == CSAT_STATUS_OK) status = csat_form_score(s->form, codes, count, &score, &err);
  if (!done(status)) return;
  printf("ok {");
  print_number("score", score.score, 0);
  if (score.present) printf("\"exact\":%" PRId64 ",", score.exact);
  else printf("\"exact\":null,");
  print_number("pooled", score.pooled, 0);
  print_number("blocks", score.blocks, 0);
  print_number("weighted", score.weighted, 0);
  printf("\"failed\":%s,\"unanswered\":%u}\n", score.failed ? "true" : "false", (unsigned)score.unanswered);
}

/* ---- queue logs ---- */

static void print_text(const char *name, const char *text) {
  printf("\"%s\":", name);
  if (text == NULL) {
    printf("null,");
    return;
  }
  putchar('"');
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') printf("\\%c", *text);
    else if ((unsigned char)*text < 0x20) printf("\\u%04x", (unsigned)(unsigned char)*text);
    else putchar(*text);
  }
  printf("\",");
}

static void print_instant(const char *name, int64_t value) {
  if (value == CSAT_MISSING) printf("\"%s\":null,", name);
  else printf("\"%s\":%" PRId64 ",", name, value);
}

/* The fields in the order of the JSON of the other faces. */
static void print_contacts(csat_queue_log *log) {
  csat_queue_contact c = CSAT_QUEUE_CONTACT_INIT;
  int32_t has = 1;
  const char *separator = "";
  printf("ok [");
  while (csat_queue_log_next_contact(log, &c, &has, &err) == CSAT_STATUS_OK && has) {
    printf("%s{", separator);
    separator = ",";
    print_text("call_id", c.call_id);
    print_text("queue", c.queue);
    print_text("agent", c.agent);
    print_text("caller", c.caller);
    print_instant("offered", c.offered);
    print_instant("rang", c.rang);
    print_instant("answered", c.answered);
    print_instant("ended", c.ended);
    print_text("outcome", csat_outcome_name(c.outcome));
    print_instant("wait", c.wait);
    print_instant("talk", c.talk);
    printf("\"legs\":%" PRId32 ",\"transferred\":%s,", c.legs, c.transferred ? "true" : "false");
    printf("\"ring_no_answers\":%" PRId32 ",", c.ring_no_answers);
    print_instant("position", c.position == CSAT_UNKNOWN ? CSAT_MISSING : c.position);
    print_text("exit_key", c.exit_key);
    if (c.ended_by == NULL) printf("\"ended_by\":null}");
    else printf("\"ended_by\":\"%s\"}", c.ended_by);
  }
  puts("]");
}

static void on_log(const char *verb, const char *name, char *rest) {
  slot *s = find(name, LOG);
  csat_text text = CSAT_TEXT_INIT;
  csat_queue_log *log = NULL;
  csat_tally *tally;
  csat_status status;
  size_t count = 0;
  int bad = 0;
  if (strcmp(verb, "log") == 0) {
    if (!done(csat_queue_log_new(strcmp(rest, "-") == 0 ? NULL : rest, CSAT_NUL, &log, &err))) return;
    keep(name, LOG, NULL, NULL, log);
    ok();
    return;
  }
  if (s == NULL) {
    refuse("no queue log has this name");
    return;
  }
  if (strcmp(verb, "bytes") == 0) {
    plain(rest);
    if (done(csat_queue_log_push(s->log, rest, strlen(rest), &err))) ok();
  } else if (strcmp(verb, "finish") == 0) {
    if (done(csat_queue_log_finish(s->log, &err))) ok();
  } else if (strcmp(verb, "counts") == 0) {
    status = csat_queue_log_counts_json(s->log, &text, &err);
    say(status, &text);
  } else if (strcmp(verb, "open") == 0) {
    status = csat_queue_log_open_json(s->log, &text, &err);
    say(status, &text);
  } else if (strcmp(verb, "contacts") == 0) {
    print_contacts(s->log);
  } else if ((tally = tally_of(word(&rest, ' '))) != NULL) {
    status = CSAT_STATUS_OK;
    if (strcmp(verb, "log_into") == 0) {
      status = csat_queue_log_count_into(s->log, tally, &count, &err);
    } else {
      int64_t as_of = integer(rest, &bad);
      if (!bad) status = csat_queue_log_waiting_into(s->log, tally, as_of, &count, &err);
    }
    if (bad) refuse("the instant cannot be read");
    else if (done(status)) printf("ok %lu\n", (unsigned long)count);
  }
}

/* ---- the loop ---- */

static int among(const char *verb, const char *list) {
  size_t length = strlen(verb);
  const char *at = list;
  while ((at = strstr(at, verb)) != NULL) {
    if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) return 1;
    at += length;
  }
  return 0;
}

static void obey(char *line) {
  char *rest = line, *verb = word(&rest, ' '), *name;
  csat_text text = CSAT_TEXT_INIT;
  csat_status status;
  if (strcmp(verb, "catalogue") == 0) {
    status = csat_catalogue_json(&text, &err);
    say(status, &text);
  } else if (strcmp(verb, "call") == 0) {
    status = csat_call(rest, CSAT_NUL, &text, &err);
    say(status, &text);
  } else if (strcmp(verb, "explain") == 0) {
    status = csat_explain(rest, CSAT_NUL, &text, &err);
    say(status, &text);
  } else if (strcmp(verb, "columns") == 0) {
    push_columns(rest);
  } else if (among(verb, "contact answer evaluation")) {
    push_event(rest, verb);
  } else {
    name = word(&rest, ' ');
    if (among(verb, "tally like load window roll_up")) make_tally(verb, name, rest);
    else if (among(verb, "merge subtract forget save merge_saved report report_as describe set_aside memory"))
      on_tally(verb, name, rest);
    else if (among(verb, "form shipped")) make_form(verb, name, rest);
    else if (among(verb, "form_json score explain_score")) on_form(verb, name, rest);
    else if (among(verb, "log bytes finish counts open contacts log_into waiting_into")) on_log(verb, name, rest);
    else refuse("unknown command; the head of driver.c lists them");
  }
}

int main(void) {
  char *line;
  int i;
  while ((line = read_line()) != NULL) {
    if (*line != '\0' && *line != '#') obey(line);
    free(line);
    fflush(stdout);
  }
  for (i = 0; i < HANDLES; i++) empty(&slots[i]);
  return 0;
}
