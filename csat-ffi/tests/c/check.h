/* CHECK counts and prints failures; unlike assert it works under NDEBUG too. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "csat.h"

static int failures = 0;

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
      failures += 1;                                                         \
    }                                                                        \
  } while (0)

/* A call that must succeed; prints the message if it does not. */
#define OK(call)                                                             \
  do {                                                                       \
    csat_status status_ = (call);                                            \
    if (status_ != CSAT_STATUS_OK) {                                         \
      fprintf(stderr, "%s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call,      \
              csat_status_name(status_), err.message);                       \
      failures += 1;                                                         \
    }                                                                        \
  } while (0)

/* A call that must fail with this status and a message that says `word`. */
#define FAILS(wanted, word, call)                                            \
  do {                                                                       \
    csat_status status_ = (call);                                            \
    if (status_ != (wanted) || err.status != (wanted) ||                     \
        strstr(err.message, (word)) == NULL) {                               \
      fprintf(stderr, "%s:%d: %s: %s: %s\n", __FILE__, __LINE__, #call,      \
              csat_status_name(status_), err.message);                       \
      failures += 1;                                                         \
    }                                                                        \
    err.message[0] = '\0';                                                   \
  } while (0)

#define FINISH() return failures == 0 ? 0 : (fprintf(stderr, "%d failed\n", failures), 1)

#endif
