/* The Arrow C stream both ways, with a producer written by hand. */
#include <stdint.h>
#include <stdlib.h>

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#include "check.h"

static csat_error err = CSAT_ERROR_INIT;
static int streams_released = 0;

/* Two batches of a struct with one int32 column `score`; the first one is a slice with an offset and a null. */
static const int32_t SCORES[2][4] = {{99, 10, 9, 77}, {3, 8, 10, 12}};
static const uint8_t THERE[1] = {0x06};

static struct ArrowSchema column_schema, *schema_children[1] = {&column_schema};
static struct ArrowArray column_array, *array_children[1] = {&column_array};
static const void *column_buffers[2], *no_buffers[1];

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static void release_array(struct ArrowArray *array) { array->release = NULL; }

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  (void)stream;
  memset(&column_schema, 0, sizeof column_schema);
  column_schema.format = "i";
  column_schema.name = "score";
  column_schema.flags = 2;
  column_schema.release = release_schema;
  memset(out, 0, sizeof *out);
  out->format = "+s";
  out->name = "";
  out->n_children = 1;
  out->children = schema_children;
  out->release = release_schema;
  return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  int *batch = (int *)stream->private_data;
  memset(out, 0, sizeof *out);
  if (*batch >= 2) return 0; /* released: the end */
  memset(&column_array, 0, sizeof column_array);
  column_buffers[0] = *batch == 0 ? THERE : NULL;
  column_buffers[1] = SCORES[*batch];
  column_array.offset = *batch == 0 ? 1 : 0;
  column_array.length = 3;
  column_array.null_count = *batch == 0 ? 1 : 0;
  column_array.n_buffers = 2;
  column_array.buffers = column_buffers;
  column_array.release = release_array;
  out->length = 3;
  out->n_buffers = 1;
  out->buffers = no_buffers;
  out->n_children = 1;
  out->children = array_children;
  out->release = release_array;
  *batch += 1;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return "no news";
}

static void release_stream(struct ArrowArrayStream *stream) {
  streams_released += 1;
  stream->release = NULL;
}

/* One good batch, then an error. */
static int broken(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  return *(int *)stream->private_data == 0 ? get_next(stream, out) : 5;
}

static struct ArrowArrayStream make(int *batch, int (*next)(struct ArrowArrayStream *, struct ArrowArray *)) {
  struct ArrowArrayStream stream;
  *batch = 0;
  stream.get_schema = get_schema;
  stream.get_next = next;
  stream.get_last_error = get_last_error;
  stream.release = release_stream;
  stream.private_data = batch;
  return stream;
}

int main(void) {
  csat_tally *tally = NULL;
  csat_report *report = NULL;
  csat_row row = CSAT_ROW_INIT;
  struct ArrowArrayStream stream, out;
  struct ArrowSchema schema;
  struct ArrowArray array;
  csat_push_options options = CSAT_PUSH_OPTIONS_INIT;
  int batch = 0;
  int64_t i;
  size_t rows = 0;

  OK(csat_tally_new("{\"measures\": [\"" CSAT_MEASURE_NPS "\"]}", CSAT_NUL, &tally, &err));
  memset(&stream, 0, sizeof stream);
  FAILS(CSAT_STATUS_BAD_VALUE, "Arrow", csat_tally_push_arrow(tally, &stream, NULL, &err));
  stream = make(&batch, get_next);
  OK(csat_tally_push_arrow(tally, &stream, NULL, &err));
  CHECK(streams_released == 1);
  OK(csat_tally_report(tally, 0.95, &report, &err));
  OK(csat_report_row(report, 0, &row, &err));
  /* 10, 9, missing, 3, 8, 10: three promoters and one detractor of five. */
  CHECK(row.n == 5 && row.value == 40.0);
  OK(csat_report_rows(report, &rows, &err));

  /* Out again: as many rows, and the value 40. */
  OK(csat_report_arrow(report, &out, &err));
  csat_report_free(report);
  CHECK(out.get_schema(&out, &schema) == 0 && strcmp(schema.format, "+s") == 0);
  CHECK(out.get_next(&out, &array) == 0 && array.length == (int64_t)rows);
  for (i = 0; i < schema.n_children; i++) {
    if (strcmp(schema.children[i]->name, "value") == 0) {
      CHECK(strcmp(schema.children[i]->format, "g") == 0);
      CHECK(((const double *)array.children[i]->buffers[1])[0] == 40.0);
    }
  }
  array.release(&array);
  CHECK(out.get_next(&out, &array) == 0 && array.release == NULL);
  schema.release(&schema);
  out.release(&out);

  /* A stream that breaks off after its first batch leaves the tally as it was; a bad option leaves the stream. */
  stream = make(&batch, broken);
  options.bad_rows = 8;
  FAILS(CSAT_STATUS_INVALID_ARGUMENT, "bad_rows", csat_tally_push_arrow(tally, &stream, &options, &err));
  CHECK(stream.release == release_stream && streams_released == 1);
  FAILS(CSAT_STATUS_BAD_VALUE, "no news", csat_tally_push_arrow(tally, &stream, NULL, &err));
  CHECK(streams_released == 2 && stream.release == NULL && batch == 1);
  OK(csat_tally_report(tally, 0.95, &report, &err));
  OK(csat_report_row(report, 0, &row, &err));
  CHECK(row.n == 5);
  csat_report_free(report);
  csat_tally_free(tally);
  FINISH();
}
