/* Answers test vectors through the C interface: one request after another on standard input, one answer line each.
 *
 *   call BYTES             a JSON request for csat_call; the bytes follow
 *   tally BYTES            makes an empty tally of a plan; the bytes follow
 *   as_of MICROSECONDS     for the batches that come
 *   column TYPE ROWS NAME  then one value a line: instant and integer (whole numbers), seconds (a number), text; a line
 *                          that is only `-` is missing, a text begins with `=`
 *   push                   counts the columns given since the last push in a tally of its own and merges that
 *   report LEVEL           reads the tally, saves it and loads it again
 *
 * Answers: `ok JSON`, or `error STATUS MESSAGE`. Only call and report answer; an error in between is answered by report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csat.h"

#define MOST_COLUMNS 256

static csat_error err = CSAT_ERROR_INIT;

/* The tally being filled, the columns of the next batch, and the first error since the plan. */
static csat_tally *tally = NULL;
static csat_column columns[MOST_COLUMNS];
static size_t column_count = 0;
static csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
static csat_status failed = CSAT_STATUS_OK;
static char failure[sizeof err.message];

static void stop(const char *what) {
  fprintf(stderr, "driver: %s\n", what);
  exit(2);
}

static void *grab(size_t size) {
  void *memory = malloc(size == 0 ? 1 : size);
  if (memory == NULL) stop("out of memory");
  return memory;
}

static char *copy(const char *text) {
  return strcpy((char *)grab(strlen(text) + 1), text);
}

/* A line without its end; NULL at the end of the input. The caller frees it. */
static char *read_line(void) {
  size_t room = 64, length = 0;
  char *line = (char *)grab(room);
  int c;
  while ((c = getchar()) != EOF && c != '\n') {
    if (length + 2 > room) {
      line = (char *)realloc(line, room *= 2);
      if (line == NULL) stop("out of memory");
    }
    line[length++] = (char)c;
  }
  if (c == EOF && length == 0) {
    free(line);
    return NULL;
  }
  line[length] = '\0';
  return line;
}

static char *read_value(void) {
  char *line = read_line();
  if (line == NULL) stop("a column is cut off");
  return line;
}

/* So many bytes and the end of the line after them. */
static char *read_bytes(size_t length) {
  char *bytes = (char *)grab(length + 1);
  if (fread(bytes, 1, length, stdin) != length || getchar() != '\n') stop("a text is cut off");
  bytes[length] = '\0';
  return bytes;
}

static void answer_error(csat_status status, const char *message) {
  const char *c;
  printf("error %s ", csat_status_name(status));
  for (c = message; *c != '\0'; c++) putchar(*c == '\n' ? ' ' : *c);
  putchar('\n');
}

static void answer_text(csat_text *text) {
  printf("ok %s\n", text->data);
  csat_text_free(text);
}

/* Whether all is well so far; keeps the first error. */
static int fine(csat_status status) {
  if (status != CSAT_STATUS_OK && failed == CSAT_STATUS_OK) {
    failed = status;
    memcpy(failure, err.message, sizeof failure);
  }
  return failed == CSAT_STATUS_OK;
}

static void drop_columns(void) {
  size_t i, row;
  for (i = 0; i < column_count; i++) {
    if (columns[i].type == CSAT_TYPE_TEXT) {
      for (row = 0; row < columns[i].length; row++) free(((char **)columns[i].values)[row]);
    }
    free((void *)columns[i].values);
    free((void *)columns[i].validity);
    free((void *)columns[i].name);
  }
  column_count = 0;
}

static void new_tally(size_t length) {
  char *plan = read_bytes(length);
  csat_push_options none = CSAT_PUSH_OPTIONS_INIT;
  csat_tally_free(tally);
  tally = NULL;
  drop_columns();
  options = none;
  failed = CSAT_STATUS_OK;
  (void)fine(csat_tally_new(plan, length, &tally, &err));
  free(plan);
}

static const void *read_texts(size_t rows, uint8_t *there) {
  char **values = (char **)grab(rows * sizeof *values);
  size_t row;
  for (row = 0; row < rows; row++) {
    char *line = read_value();
    there[row] = line[0] == '=';
    values[row] = copy(there[row] ? line + 1 : "");
    free(line);
  }
  return values;
}

static const void *read_numbers(size_t rows, uint8_t *there) {
  double *values = (double *)grab(rows * sizeof *values);
  size_t row;
  for (row = 0; row < rows; row++) {
    char *line = read_value();
    there[row] = strcmp(line, "-") != 0;
    values[row] = there[row] ? strtod(line, NULL) : 0.0;
    free(line);
  }
  return values;
}

static const void *read_integers(size_t rows, uint8_t *there) {
  int64_t *values = (int64_t *)grab(rows * sizeof *values);
  size_t row;
  for (row = 0; row < rows; row++) {
    char *line = read_value();
    there[row] = strcmp(line, "-") != 0;
    values[row] = there[row] ? strtoll(line, NULL, 10) : CSAT_MISSING;
    free(line);
  }
  return values;
}

static void read_column(char *words) {
  csat_column column = CSAT_COLUMN_INIT;
  char *type = strtok(words, " "), *rows_text = strtok(NULL, " "), *name = strtok(NULL, "");
  size_t rows;
  uint8_t *there;
  if (type == NULL || rows_text == NULL || name == NULL || column_count == MOST_COLUMNS) {
    stop("a column is wrong");
    return;
  }
  rows = (size_t)strtoull(rows_text, NULL, 10);
  there = (uint8_t *)grab(rows);
  if (strcmp(type, "text") == 0) {
    column.type = CSAT_TYPE_TEXT;
    column.values = read_texts(rows, there);
  } else if (strcmp(type, "seconds") == 0) {
    column.type = CSAT_TYPE_FLOAT64;
    column.unit = CSAT_UNIT_OF_TIME_SECOND;
    column.values = read_numbers(rows, there);
  } else {
    column.type = strcmp(type, "instant") == 0 ? CSAT_TYPE_INSTANT : CSAT_TYPE_INT64;
    column.values = read_integers(rows, there);
  }
  column.name = copy(name);
  column.length = rows;
  column.validity_type = CSAT_VALIDITY_BYTES;
  column.validity = there;
  columns[column_count++] = column;
}

static void push(void) {
  csat_tally *part = NULL;
  if (failed == CSAT_STATUS_OK && fine(csat_tally_empty_like(tally, &part, &err)) &&
      fine(csat_tally_push_columns(part, columns, column_count, &options, &err))) {
    (void)fine(csat_tally_merge(tally, part, &err));
  }
  csat_tally_free(part);
  drop_columns();
}

/* The bytes of a tally. */
static uint8_t *save(const csat_tally *from, size_t *size) {
  uint8_t *bytes;
  *size = 0;
  (void)csat_tally_save(from, NULL, 0, size, &err);
  bytes = (uint8_t *)grab(*size);
  (void)fine(csat_tally_save(from, bytes, *size, size, &err));
  return bytes;
}

/* What was saved and loaded is the same. */
static void check_saved(void) {
  csat_tally *loaded = NULL;
  size_t size, again;
  uint8_t *bytes = save(tally, &size), *same;
  if (fine(csat_tally_load(bytes, size, &loaded, &err))) {
    same = save(loaded, &again);
    if (again != size || memcmp(bytes, same, size) != 0) stop("a loaded tally differs");
    free(same);
  }
  csat_tally_free(loaded);
  free(bytes);
}

static void report(double level) {
  csat_report *rows = NULL;
  csat_text text = CSAT_TEXT_INIT;
  if (failed == CSAT_STATUS_OK && fine(csat_tally_report(tally, level, &rows, &err)) &&
      fine(csat_report_json(rows, &text, &err))) {
    check_saved();
  }
  csat_report_free(rows);
  if (failed == CSAT_STATUS_OK) {
    answer_text(&text);
  } else {
    csat_text_free(&text);
    answer_error(failed, failure);
  }
}

static void call(size_t length) {
  char *request = read_bytes(length);
  csat_text text = CSAT_TEXT_INIT;
  csat_status status = csat_call(request, length, &text, &err);
  free(request);
  if (status == CSAT_STATUS_OK) {
    answer_text(&text);
  } else {
    answer_error(status, err.message);
  }
}

int main(void) {
  char *line;
  while ((line = read_line()) != NULL) {
    char *rest = strchr(line, ' ');
    rest = rest == NULL ? line + strlen(line) : rest + 1;
    if (strncmp(line, "call ", 5) == 0) {
      call((size_t)strtoull(rest, NULL, 10));
    } else if (strncmp(line, "tally ", 6) == 0) {
      new_tally((size_t)strtoull(rest, NULL, 10));
    } else if (strncmp(line, "as_of ", 6) == 0) {
      options.as_of = strtoll(rest, NULL, 10);
    } else if (strncmp(line, "column ", 7) == 0) {
      read_column(rest);
    } else if (strcmp(line, "push") == 0) {
      push();
    } else if (strncmp(line, "report ", 7) == 0) {
      report(strtod(rest, NULL));
    } else {
      stop("an unknown request");
    }
    fflush(stdout);
    free(line);
  }
  drop_columns();
  csat_tally_free(tally);
  return 0;
}
