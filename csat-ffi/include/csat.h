/* csat: how well an organisation serves its customers. MIT OR Apache-2.0.
 *
 * The contract of every function is docs/C-CONTRACT.md. In short: functions that can fail return a csat_status and take
 * a csat_error last, which may be NULL; outputs are written only on success; _free(NULL) is allowed; texts are UTF-8;
 * instants are int64_t microseconds UTC, durations microseconds, INT64_MIN is missing; structs begin with their size
 * and are set up by their _INIT macro. No function reads a clock, a file, the environment or the locale.
 *
 * Generated from the Rust sources by a test; do not edit. */

#ifndef CSAT_H
#define CSAT_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct ArrowArrayStream;

/* The length of a text that ends with NUL. */
#define CSAT_NUL ((size_t)-1)

/* A missing instant, duration or number; a missing mark. */
#define CSAT_MISSING INT64_MIN
#define CSAT_MISSING_MARK INT16_MIN

/* How structs begin. */
#define CSAT_ERROR_INIT {sizeof(csat_error), 0, -1, {0}, {0}}
#define CSAT_TEXT_INIT {NULL, 0}
#define CSAT_COLUMN_INIT {sizeof(csat_column), 0, NULL, NULL, 0, 0, 0, NULL, 0, NULL, 0, NULL}
#define CSAT_PUSH_OPTIONS_INIT {sizeof(csat_push_options), CSAT_BAD_ROWS_REFUSE, INT64_MIN}
#define CSAT_KEY_INIT {CSAT_KEY_MISSING, 0, 0, NULL, 0}
#define CSAT_CONTACT_INIT \
  {sizeof(csat_contact), CSAT_OUTCOME_DERIVED, NULL, 0, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, \
   INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, CSAT_UNKNOWN, CSAT_UNKNOWN, CSAT_UNKNOWN, 0}
#define CSAT_ANSWER_INIT {sizeof(csat_answer), 0, NULL, 0, INT64_MIN, INT64_MIN, INT64_MIN, NULL, 0}
#define CSAT_EVALUATION_INIT \
  {sizeof(csat_evaluation), CSAT_UNKNOWN, NULL, 0, INT64_MIN, CSAT_UNKNOWN, CSAT_UNKNOWN, CSAT_UNKNOWN, 0, INT64_MIN, \
   NULL, 0}
#define CSAT_ROW_INIT \
  {sizeof(csat_row), 0, NULL, 0, INT64_MIN, 0, 0, 0, NULL, NULL, NULL, NAN, NAN, NAN, 0, NAN, NAN, NULL, NULL}
#define CSAT_SCORE_INIT {sizeof(csat_score), 0, NAN, INT64_MIN, NAN, NAN, NAN, 0, 0}
#define CSAT_TICKET_INIT \
  {sizeof(csat_ticket), 0, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, NULL, 0}
#define CSAT_JUDGEMENT_INIT {sizeof(csat_judgement), CSAT_VERDICT_NONE, INT64_MIN, INT64_MIN, INT64_MIN}
#define CSAT_QUEUE_CONTACT_INIT \
  {sizeof(csat_queue_contact), CSAT_OUTCOME_DERIVED, NULL, NULL, NULL, NULL, NULL, NULL, INT64_MIN, INT64_MIN, \
   INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN, 0, 0, 0, CSAT_UNKNOWN}

/* Kinds of errors. */
#define CSAT_STATUS_INVALID_ARGUMENT 1
#define CSAT_STATUS_INVALID_OPTION 2
#define CSAT_STATUS_UNKNOWN_NAME 3
#define CSAT_STATUS_MISSING_COLUMN 4
#define CSAT_STATUS_WRONG_TYPE 5
#define CSAT_STATUS_BAD_VALUE 6
#define CSAT_STATUS_BAD_TEXT 7
#define CSAT_STATUS_INVALID_STATE 8
#define CSAT_STATUS_PLAN_MISMATCH 9
#define CSAT_STATUS_BELOW_ZERO 10
#define CSAT_STATUS_OVERFLOW 11
#define CSAT_STATUS_NOT_FOLDED 12
#define CSAT_STATUS_UNDEFINED 13

/* Outcome classes. */
#define CSAT_OUTCOME_ANSWERED 0
#define CSAT_OUTCOME_ABANDONED 1
#define CSAT_OUTCOME_FLOW_OUT 2
#define CSAT_OUTCOME_CALLBACK 3
#define CSAT_OUTCOME_VOICEMAIL 4
#define CSAT_OUTCOME_KEY_EXIT 5
#define CSAT_OUTCOME_MISSED 6
#define CSAT_OUTCOME_REQUEUED 7
#define CSAT_OUTCOME_DEQUEUED 8
#define CSAT_OUTCOME_FORWARDED 9
#define CSAT_OUTCOME_ERROR 10
#define CSAT_OUTCOME_PENDING 11
#define CSAT_OUTCOME_SKIP 12

/* Verdicts of response targets. */
#define CSAT_VERDICT_MET 0
#define CSAT_VERDICT_MISSED 1
#define CSAT_VERDICT_MISSED_EARLY 2
#define CSAT_VERDICT_MISSED_LATE 3
#define CSAT_VERDICT_RUNNING 4
#define CSAT_VERDICT_PAUSED 5
#define CSAT_VERDICT_OVERDUE 6
#define CSAT_VERDICT_REJECTED 7
#define CSAT_VERDICT_NO_TARGET 8

/* Events of response targets. */
#define CSAT_EVENT_FIRST_RESPONSE "first_response"
#define CSAT_EVENT_NEXT_RESPONSE "next_response"
#define CSAT_EVENT_RESOLUTION "resolution"
#define CSAT_EVENT_CALLBACK "callback"
#define CSAT_EVENT_ORDERED_CALL "ordered_call"
#define CSAT_EVENT_UNIT_REPLY "unit_reply"

/* SLAs that come with csat. */
#define CSAT_SLA_SUPPORT_10_19 "support_10_19"

/* Tables. */
#define CSAT_TABLE_CONTACTS "contacts"
#define CSAT_TABLE_ANSWERS "answers"
#define CSAT_TABLE_EVALUATIONS "evaluations"
#define CSAT_TABLE_TICKETS "tickets"
#define CSAT_TABLE_MISSED_CALLS "missed_calls"
#define CSAT_TABLE_PROBLEMS "problems"
#define CSAT_TABLE_INTERVALS "intervals"

/* Measures, for plans. */
#define CSAT_MEASURE_SERVICE_LEVEL "service_level"
#define CSAT_MEASURE_ABANDONMENT "abandonment"
#define CSAT_MEASURE_SPEED_OF_ANSWER "speed_of_answer"
#define CSAT_MEASURE_WAIT "wait"
#define CSAT_MEASURE_VOLUME "volume"
#define CSAT_MEASURE_HANDLE_TIME "handle_time"
#define CSAT_MEASURE_TRANSFER "transfer"
#define CSAT_MEASURE_HAND_OFFS "hand_offs"
#define CSAT_MEASURE_NPS "nps"
#define CSAT_MEASURE_SATISFACTION "satisfaction"
#define CSAT_MEASURE_SATISFACTION_INDEX "satisfaction_index"
#define CSAT_MEASURE_SCORECARD "scorecard"
#define CSAT_MEASURE_RESPONSE "response"
#define CSAT_MEASURE_MISSED_CALLS "missed_calls"
#define CSAT_MEASURE_CALLBACKS "callbacks"
#define CSAT_MEASURE_FIRST_CONTACT_RESOLUTION "first_contact_resolution"
#define CSAT_MEASURE_REPEAT_CONTACT "repeat_contact"
#define CSAT_MEASURE_CONTAINMENT "containment"
#define CSAT_MEASURE_CONTACT_RATE "contact_rate"
#define CSAT_MEASURE_SURVEY_FUNNEL "survey_funnel"
#define CSAT_MEASURE_FOLLOWUP "followup"
#define CSAT_MEASURE_PROBLEMS "problems"
#define CSAT_MEASURE_INTERVAL_COUNTS "interval_counts"
#define CSAT_MEASURE_AGENT_TIME "agent_time"

/* Options of measures. */
#define CSAT_OPTION_SERVICE_LEVEL_WITHIN "within"
#define CSAT_OPTION_SERVICE_LEVEL_DEFINITIONS "definitions"
#define CSAT_OPTION_SERVICE_LEVEL_LIMITS "limits"
#define CSAT_OPTION_SERVICE_LEVEL_VIEWS "views"
#define CSAT_OPTION_SERVICE_LEVEL_CELLS "cells"
#define CSAT_OPTION_ABANDONMENT_DEFINITIONS "definitions"
#define CSAT_OPTION_ABANDONMENT_LIMITS "limits"
#define CSAT_OPTION_WAIT_OF "of"
#define CSAT_OPTION_WAIT_QUANTILES "quantiles"
#define CSAT_OPTION_WAIT_BUCKETS "buckets"
#define CSAT_OPTION_HANDLE_TIME_PARTS "parts"
#define CSAT_OPTION_HANDLE_TIME_WRAP "wrap"
#define CSAT_OPTION_HANDLE_TIME_PER "per"
#define CSAT_OPTION_HANDLE_TIME_QUANTILES "quantiles"
#define CSAT_OPTION_HANDLE_TIME_BUCKETS "buckets"
#define CSAT_OPTION_NPS_SCORE "score"
#define CSAT_OPTION_NPS_SCALE "scale"
#define CSAT_OPTION_NPS_PROMOTERS "promoters"
#define CSAT_OPTION_NPS_DETRACTORS "detractors"
#define CSAT_OPTION_SATISFACTION_SCORE "score"
#define CSAT_OPTION_SATISFACTION_SCALE "scale"
#define CSAT_OPTION_SATISFACTION_POSITIVE "positive"
#define CSAT_OPTION_SATISFACTION_NEGATIVE "negative"
#define CSAT_OPTION_SATISFACTION_PRESET "preset"
#define CSAT_OPTION_SATISFACTION_INDEX_QUESTIONS "questions"
#define CSAT_OPTION_SATISFACTION_INDEX_MISSING "missing"
#define CSAT_OPTION_SATISFACTION_INDEX_MIN_ANSWERED "min_answered"
#define CSAT_OPTION_SATISFACTION_INDEX_RESCALE "rescale"
#define CSAT_OPTION_SATISFACTION_INDEX_IMPORTANCE "importance"
#define CSAT_OPTION_SATISFACTION_INDEX_DERIVED "derived"
#define CSAT_OPTION_SATISFACTION_INDEX_PARTS "parts"
#define CSAT_OPTION_SCORECARD_FORMS "forms"
#define CSAT_OPTION_SCORECARD_AGGREGATE "aggregate"
#define CSAT_OPTION_SCORECARD_PASS_MARK "pass_mark"
#define CSAT_OPTION_SCORECARD_PARTS "parts"
#define CSAT_OPTION_RESPONSE_SLA "sla"
#define CSAT_OPTION_RESPONSE_EVENT "event"
#define CSAT_OPTION_RESPONSE_START "start"
#define CSAT_OPTION_RESPONSE_DONE "done"
#define CSAT_OPTION_RESPONSE_QUANTILES "quantiles"
#define CSAT_OPTION_RESPONSE_BUCKETS "buckets"
#define CSAT_OPTION_MISSED_CALLS_OUTCOMES "outcomes"
#define CSAT_OPTION_MISSED_CALLS_SHORT "short"
#define CSAT_OPTION_CALLBACKS_SLA "sla"
#define CSAT_OPTION_CALLBACKS_EVENT "event"
#define CSAT_OPTION_CALLBACKS_STOP "stop"
#define CSAT_OPTION_CALLBACKS_UNIT "unit"
#define CSAT_OPTION_CALLBACKS_QUANTILES "quantiles"
#define CSAT_OPTION_CALLBACKS_BUCKETS "buckets"
#define CSAT_OPTION_FIRST_CONTACT_RESOLUTION_UNIT "unit"
#define CSAT_OPTION_FIRST_CONTACT_RESOLUTION_EXCLUDE_UNRESOLVABLE "exclude_unresolvable"
#define CSAT_OPTION_FIRST_CONTACT_RESOLUTION_RULE "rule"
#define CSAT_OPTION_REPEAT_CONTACT_WINDOW "window"
#define CSAT_OPTION_CONTAINMENT_RULE "rule"
#define CSAT_OPTION_CONTACT_RATE_ACTIVE "active"
#define CSAT_OPTION_CONTACT_RATE_PER "per"
#define CSAT_OPTION_SURVEY_FUNNEL_WITHIN "within"
#define CSAT_OPTION_SURVEY_FUNNEL_QUANTILES "quantiles"
#define CSAT_OPTION_SURVEY_FUNNEL_BUCKETS "buckets"
#define CSAT_OPTION_FOLLOWUP_SCORE "score"
#define CSAT_OPTION_FOLLOWUP_SCALE "scale"
#define CSAT_OPTION_FOLLOWUP_BELOW "below"
#define CSAT_OPTION_FOLLOWUP_WITHIN "within"
#define CSAT_OPTION_FOLLOWUP_CALENDAR "calendar"
#define CSAT_OPTION_FOLLOWUP_QUANTILES "quantiles"
#define CSAT_OPTION_FOLLOWUP_BUCKETS "buckets"
#define CSAT_OPTION_PROBLEMS_CLASSES "classes"
#define CSAT_OPTION_PROBLEMS_NO_FAULT "no_fault"
#define CSAT_OPTION_PROBLEMS_IMPORTANCE "importance"
#define CSAT_OPTION_PROBLEMS_REACTION "reaction"
#define CSAT_OPTION_PROBLEMS_SOLUTION "solution"
#define CSAT_OPTION_PROBLEMS_APPROACH "approach"
#define CSAT_OPTION_PROBLEMS_REASONS "reasons"
#define CSAT_OPTION_PROBLEMS_AVOIDABLE "avoidable"
#define CSAT_OPTION_PROBLEMS_CALENDAR "calendar"
#define CSAT_OPTION_PROBLEMS_QUANTILES "quantiles"
#define CSAT_OPTION_PROBLEMS_BUCKETS "buckets"
#define CSAT_OPTION_INTERVAL_COUNTS_COUNTERS "counters"
#define CSAT_OPTION_INTERVAL_COUNTS_TIMES "times"
#define CSAT_OPTION_INTERVAL_COUNTS_RATIOS "ratios"
#define CSAT_OPTION_AGENT_TIME_TIMES "times"
#define CSAT_OPTION_AGENT_TIME_COUNTERS "counters"
#define CSAT_OPTION_AGENT_TIME_RATIOS "ratios"

/* Units of estimates. */
#define CSAT_UNIT_SHARE "share"
#define CSAT_UNIT_POINTS "points"
#define CSAT_UNIT_SCORE "score"
#define CSAT_UNIT_SECONDS "seconds"
#define CSAT_UNIT_COUNT "count"
#define CSAT_UNIT_RATING "rating"
#define CSAT_UNIT_COEFFICIENT "coefficient"

/* Reasons why an estimate has no value or no interval. */
#define CSAT_REASON_EMPTY "empty"
#define CSAT_REASON_TOO_FEW "too_few"
#define CSAT_REASON_CENSUS "census"
#define CSAT_REASON_UNDEFINED "undefined"
#define CSAT_REASON_NOT_ASKED "not_asked"
#define CSAT_REASON_NOT_OFFERED "not_offered"

/* Service-level definitions. */
#define CSAT_SERVICE_LEVEL_OFFERED "offered"
#define CSAT_SERVICE_LEVEL_OFFERED_LT "offered-lt"
#define CSAT_SERVICE_LEVEL_ANSWERED_ONLY "answered_only"
#define CSAT_SERVICE_LEVEL_ANSWERED_ONLY_LT "answered_only-lt"
#define CSAT_SERVICE_LEVEL_ABANDONS_WITHIN_T_EXCLUDED "abandons_within_t_excluded"
#define CSAT_SERVICE_LEVEL_ABANDONS_WITHIN_T_EXCLUDED_LT "abandons_within_t_excluded-lt"
#define CSAT_SERVICE_LEVEL_ABANDONS_WITHIN_T_HIT "abandons_within_t_hit"
#define CSAT_SERVICE_LEVEL_ABANDONS_WITHIN_T_HIT_LT "abandons_within_t_hit-lt"
#define CSAT_SERVICE_LEVEL_SHORT_ABANDONS_EXCLUDED "short_abandons_excluded"
#define CSAT_SERVICE_LEVEL_SHORT_ABANDONS_EXCLUDED_LT "short_abandons_excluded-lt"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_NONE "genesys_cloud-none"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_F "genesys_cloud-f"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_S "genesys_cloud-s"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_FS "genesys_cloud-fs"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_A "genesys_cloud-a"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_FA "genesys_cloud-fa"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_SA "genesys_cloud-sa"
#define CSAT_SERVICE_LEVEL_GENESYS_CLOUD_FSA "genesys_cloud-fsa"
#define CSAT_SERVICE_LEVEL_AMAZON_CONNECT_SERVICE_LEVEL_X_LE "amazon_connect_service_level_x-le"
#define CSAT_SERVICE_LEVEL_AMAZON_CONNECT_SERVICE_LEVEL_X_LT "amazon_connect_service_level_x-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_IGNORE_LE "cisco_ucce_ignore-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_IGNORE_LT "cisco_ucce_ignore-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_NEGATIVE_LE "cisco_ucce_negative-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_NEGATIVE_LT "cisco_ucce_negative-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_POSITIVE_LE "cisco_ucce_positive-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCE_POSITIVE_LT "cisco_ucce_positive-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_ONLY_HANDLED_LE "cisco_uccx_only_handled-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_ONLY_HANDLED_LT "cisco_uccx_only_handled-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_WITHOUT_ABANDON_LE "cisco_uccx_without_abandon-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_WITHOUT_ABANDON_LT "cisco_uccx_without_abandon-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_POSITIVE_LE "cisco_uccx_positive-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_POSITIVE_LT "cisco_uccx_positive-lt"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_NEGATIVE_LE "cisco_uccx_negative-le"
#define CSAT_SERVICE_LEVEL_CISCO_UCCX_NEGATIVE_LT "cisco_uccx_negative-lt"
#define CSAT_SERVICE_LEVEL_8X8_SLA_LE "8x8_sla-le"
#define CSAT_SERVICE_LEVEL_8X8_ANSWERED_IN_SLA_LE "8x8_answered_in_sla-le"
#define CSAT_SERVICE_LEVEL_8X8_SLA_LT "8x8_sla-lt"
#define CSAT_SERVICE_LEVEL_8X8_ANSWERED_IN_SLA_LT "8x8_answered_in_sla-lt"
#define CSAT_SERVICE_LEVEL_TALKDESK_CONTACTS_NONE_LE "talkdesk_contacts-none-le"
#define CSAT_SERVICE_LEVEL_TALKDESK_CONTACTS_NONE_LT "talkdesk_contacts-none-lt"
#define CSAT_SERVICE_LEVEL_TALKDESK_CONTACTS_S_LE "talkdesk_contacts-s-le"
#define CSAT_SERVICE_LEVEL_TALKDESK_CONTACTS_S_LT "talkdesk_contacts-s-lt"
#define CSAT_SERVICE_LEVEL_BRIGHT_PATTERN_LE "bright_pattern-le"
#define CSAT_SERVICE_LEVEL_BRIGHT_PATTERN_LT "bright_pattern-lt"
#define CSAT_SERVICE_LEVEL_ALTIGEN_TSL "altigen_tsl"
#define CSAT_SERVICE_LEVEL_ALTIGEN_ASL "altigen_asl"
#define CSAT_SERVICE_LEVEL_ALTIGEN_CDR_MIDNIGHT "altigen_cdr_midnight"
#define CSAT_SERVICE_LEVEL_ASTERISK_SL1 "asterisk_sl1"
#define CSAT_SERVICE_LEVEL_ASTERISK_SL2 "asterisk_sl2"
#define CSAT_SERVICE_LEVEL_WAZO_QOS "wazo_qos"
#define CSAT_SERVICE_LEVEL_OKTELL_SL "oktell_sl"
#define CSAT_SERVICE_LEVEL_CXENGAGE_DEFAULT "cxengage_default"
#define CSAT_SERVICE_LEVEL_TALKDESK_CALLS_LIKE "talkdesk_calls_like"
#define CSAT_SERVICE_LEVEL_TWILIO_FLEX_REALTIME_LIKE "twilio_flex_realtime_like"
#define CSAT_SERVICE_LEVEL_TWILIO_FLEX_INSIGHTS_LIKE "twilio_flex_insights_like"
#define CSAT_SERVICE_LEVEL_XCALLY_LIKE "xcally_like"
#define CSAT_SERVICE_LEVEL_FRESHCALLER_LIKE "freshcaller_like"
#define CSAT_SERVICE_LEVEL_SINCH_CONTACT_PRO_LIKE "sinch_contact_pro_like"
#define CSAT_SERVICE_LEVEL_AIRCALL_IN_SLA_LIKE "aircall_in_sla_like"
#define CSAT_SERVICE_LEVEL_DYNAMICS365_VOICE_LIKE "dynamics365_voice_like"
#define CSAT_SERVICE_LEVEL_MITEL_MICC_LIKE "mitel_micc_like"
#define CSAT_SERVICE_LEVEL_INTERMEDIA_LIKE "intermedia_like"
#define CSAT_SERVICE_LEVEL_GLIA_LIKE "glia_like"
#define CSAT_SERVICE_LEVEL_GENESYS_FRAMEWORK_FACTOR_LIKE "genesys_framework_factor_like"
#define CSAT_SERVICE_LEVEL_VONAGE_VCC_LIKE_B "vonage_vcc_like-b"
#define CSAT_SERVICE_LEVEL_VONAGE_VCC_LIKE_NONE "vonage_vcc_like-none"
#define CSAT_SERVICE_LEVEL_RINGCENTRAL_QUEUE_LIKE_NONE "ringcentral_queue_like-none"
#define CSAT_SERVICE_LEVEL_RINGCENTRAL_QUEUE_LIKE_I "ringcentral_queue_like-i"

/* Forms that come with csat. */
#define CSAT_FORM_CALL_18 "call_18"
#define CSAT_FORM_CHAT_8 "chat_8"
#define CSAT_FORM_GENERAL_9 "general_9"
#define CSAT_FORM_BY_CONTACT_TYPE "by_contact_type"
#define CSAT_FORM_COMMITMENT "commitment"


/**
 * The ABI: programs compiled for one number run with every library of the same number.
 */
#define CSAT_ABI_VERSION 0

/**
 * `int8_t`.
 */
#define CSAT_TYPE_INT8 1

/**
 * `int16_t`.
 */
#define CSAT_TYPE_INT16 2

/**
 * `int32_t`.
 */
#define CSAT_TYPE_INT32 3

/**
 * `int64_t`.
 */
#define CSAT_TYPE_INT64 4

/**
 * `uint8_t`.
 */
#define CSAT_TYPE_UINT8 5

/**
 * `uint16_t`.
 */
#define CSAT_TYPE_UINT16 6

/**
 * `uint32_t`.
 */
#define CSAT_TYPE_UINT32 7

/**
 * `uint64_t`.
 */
#define CSAT_TYPE_UINT64 8

/**
 * `float`; NaN is missing.
 */
#define CSAT_TYPE_FLOAT32 9

/**
 * `double`; NaN is missing.
 */
#define CSAT_TYPE_FLOAT64 10

/**
 * Truth values, a byte each.
 */
#define CSAT_TYPE_BOOL 11

/**
 * Texts: `const char *const *`, each ending with NUL; NULL is missing.
 */
#define CSAT_TYPE_TEXT 12

/**
 * Texts one after another without NUL, cut by `offsets`.
 */
#define CSAT_TYPE_TEXT_BYTES 13

/**
 * Instants since 1970 UTC: `int64_t`.
 */
#define CSAT_TYPE_INSTANT 14

/**
 * Local wall-clock times since 1970 without a zone: `int64_t`. The plan must name the zone.
 */
#define CSAT_TYPE_LOCAL_TIME 15

/**
 * Local dates: `int32_t` days since 1970-01-01.
 */
#define CSAT_TYPE_DATE 16

/**
 * Durations: `int64_t`.
 */
#define CSAT_TYPE_DURATION 17

/**
 * No unit of time.
 */
#define CSAT_UNIT_OF_TIME_NONE 0

/**
 * Seconds.
 */
#define CSAT_UNIT_OF_TIME_SECOND 1

/**
 * Milliseconds.
 */
#define CSAT_UNIT_OF_TIME_MILLISECOND 2

/**
 * Microseconds.
 */
#define CSAT_UNIT_OF_TIME_MICROSECOND 3

/**
 * Nanoseconds; cut down to microseconds.
 */
#define CSAT_UNIT_OF_TIME_NANOSECOND 4

/**
 * Every value is there.
 */
#define CSAT_VALIDITY_ALL 0

/**
 * A byte for each value.
 */
#define CSAT_VALIDITY_BYTES 1

/**
 * A bit for each value.
 */
#define CSAT_VALIDITY_BITS 2

/**
 * The call fails, names the first bad row, and counts nothing.
 */
#define CSAT_BAD_ROWS_REFUSE 0

/**
 * Bad rows are left out, counted by reason, and the first ten are named: `csat_tally_set_aside_json`.
 */
#define CSAT_BAD_ROWS_SET_ASIDE 1

/**
 * No value: a group of its own.
 */
#define CSAT_KEY_MISSING 0

/**
 * A text.
 */
#define CSAT_KEY_TEXT 1

/**
 * A whole number.
 */
#define CSAT_KEY_INTEGER 2

/**
 * A truth value.
 */
#define CSAT_KEY_FLAG 3

/**
 * A missing flag or count.
 */
#define CSAT_UNKNOWN -1

/**
 * As the outcome of a contact: derived from its instants.
 */
#define CSAT_OUTCOME_DERIVED -1

/**
 * `value` is there.
 */
#define CSAT_HAS_VALUE 1

/**
 * `low` is there.
 */
#define CSAT_HAS_LOW 2

/**
 * `high` is there.
 */
#define CSAT_HAS_HIGH 4

/**
 * `numerator` is there.
 */
#define CSAT_HAS_NUMERATOR 8

/**
 * `denominator` is there.
 */
#define CSAT_HAS_DENOMINATOR 16

/**
 * `slot` is there.
 */
#define CSAT_HAS_SLOT 32

/**
 * The answer "not applicable" to a criterion.
 */
#define CSAT_NOT_APPLICABLE -1

/**
 * As the verdict of a row: the ticket has no start.
 */
#define CSAT_VERDICT_NONE -1

/**
 * A working calendar. It does not change.
 *
 * Threads: any number of threads may use it at once.
 */
typedef struct csat_calendar csat_calendar;

/**
 * A quality form, ready to score evaluations of one contact type. It does not change.
 *
 * Threads: any number of threads may use it at once.
 */
typedef struct csat_form csat_form;

/**
 * Reads an Asterisk `queue_log`: bytes in, contacts out. It reads no file and no clock; the host does.
 *
 * Threads: one thread at a time; it may be another one each time.
 */
typedef struct csat_queue_log csat_queue_log;

/**
 * The estimates of a tally: one row for each group and part. It does not change any more.
 *
 * Threads: any number of threads may read it at once.
 */
typedef struct csat_report csat_report;

/**
 * Response targets with their calendars and dates. They do not change.
 *
 * Threads: any number of threads may use them at once.
 */
typedef struct csat_sla csat_sla;

/**
 * Integer counts of some measures by group, made by a plan. The plan is JSON:
 *
 *     {"measures": [{"measure": NAME, OPTION: VALUE}], "keys": ["queue"], "every": "30m", "zone": "Europe/Berlin",
 *      "columns": {"offered": "queued_at"}}
 *
 * Measures and their options are in `csat_catalogue_json`; keys, slots (`every`), zone and names of columns may be
 * left out.
 *
 * Threads: one thread at a time; it may be another one each time. Functions that take it as `const` may run at once
 * on several threads while none changes it. Count on many threads in a tally each (`csat_tally_empty_like`) and merge.
 */
typedef struct csat_tally csat_tally;

/**
 * 0 is success. 1 to 99 are the kinds of errors of the library; 100 and above are those of the C face.
 */
typedef int32_t csat_status;

/**
 * A text made by csat: UTF-8 with a NUL after its end. Begin with `CSAT_TEXT_INIT`, give it back with
 * `csat_text_free`, and change neither field. A function that fills it overwrites what was there.
 */
typedef struct csat_text {
  /**
   * The text; NULL before the first use and after freeing.
   */
  char *data;
  /**
   * Its length in bytes, the NUL not counted.
   */
  size_t length;
} csat_text;

/**
 * What went wrong. It belongs to the caller; begin with `CSAT_ERROR_INIT`. It is written only when a function fails.
 */
typedef struct csat_error {
  /**
   * `sizeof(csat_error)`; set by `CSAT_ERROR_INIT`.
   */
  uint32_t struct_size;
  /**
   * The status the function returned.
   */
  csat_status status;
  /**
   * The row at fault, from 0; -1 where none is to blame.
   */
  int64_t row;
  /**
   * The column at fault; empty where none is to blame.
   */
  char column[128];
  /**
   * What happened, where, and what to do about it: UTF-8, cut where it is too long.
   */
  char message[1024];
} csat_error;

/**
 * A column of a batch, borrowed for the call. Begin with `CSAT_COLUMN_INIT`.
 *
 * Missing values: those that `validity` marks, NaN in floats, `INT64_MIN` in instants, local times and durations,
 * NULL in lists of texts.
 */
typedef struct csat_column {
  /**
   * `sizeof(csat_column)`; set by `CSAT_COLUMN_INIT`.
   */
  uint32_t struct_size;
  /**
   * What `values` points to: one of `CSAT_TYPE_…`.
   */
  int32_t type;
  /**
   * The name under which the plan knows the column; ends with NUL.
   */
  const char *name;
  /**
   * The values.
   */
  const void *values;
  /**
   * How many rows there are.
   */
  size_t length;
  /**
   * What the numbers of a time count: one of `CSAT_UNIT_OF_TIME_…`. With `CSAT_UNIT_OF_TIME_NONE` instants, local
   * times and durations are microseconds and other numbers are no times.
   */
  int32_t unit;
  /**
   * How `validity` says what is there: one of `CSAT_VALIDITY_…`.
   */
  int32_t validity_type;
  /**
   * Which values are there: a byte or a bit (lowest first) each, not zero where there is a value.
   */
  const uint8_t *validity;
  /**
   * The first bit of `validity` where it has bits.
   */
  size_t validity_offset;
  /**
   * With integers as `type`: the texts that they number, from 0; NULL inside is missing. Else NULL.
   */
  const char *const *dictionary;
  /**
   * How many texts the dictionary has.
   */
  size_t dictionary_length;
  /**
   * For `CSAT_TYPE_TEXT_BYTES`: `length + 1` ascending offsets into the bytes that `values` points to. Else NULL.
   */
  const int64_t *offsets;
} csat_column;

/**
 * How records are taken. NULL in its place, or `CSAT_PUSH_OPTIONS_INIT`, refuses bad rows.
 */
typedef struct csat_push_options {
  /**
   * `sizeof(csat_push_options)`; set by `CSAT_PUSH_OPTIONS_INIT`.
   */
  uint32_t struct_size;
  /**
   * What happens to rows that cannot be used: `CSAT_BAD_ROWS_REFUSE` or `CSAT_BAD_ROWS_SET_ASIDE`.
   */
  int32_t bad_rows;
  /**
   * When contacts without an outcome are looked at; `INT64_MIN` leaves them unplaced.
   */
  int64_t as_of;
} csat_push_options;

/**
 * A value of a key, in prepared keys and in rows of reports. Its text is a C string unless it holds a NUL itself.
 */
typedef struct csat_key {
  /**
   * `CSAT_KEY_MISSING`, `CSAT_KEY_TEXT`, `CSAT_KEY_INTEGER` or `CSAT_KEY_FLAG`.
   */
  int32_t kind;
  /**
   * Must be 0.
   */
  int32_t reserved;
  /**
   * The whole number, or 0 and 1 of a flag.
   */
  int64_t integer;
  /**
   * The text; else NULL.
   */
  const char *text;
  /**
   * The length of the text in bytes, or `CSAT_NUL` as an input.
   */
  size_t length;
} csat_key;

/**
 * One contact. Begin with `CSAT_CONTACT_INIT`: everything missing. Instants are microseconds UTC, durations
 * microseconds, `INT64_MIN` is missing. What the plan does not read is ignored.
 */
typedef struct csat_contact {
  /**
   * `sizeof(csat_contact)`; set by `CSAT_CONTACT_INIT`.
   */
  uint32_t struct_size;
  /**
   * One of `CSAT_OUTCOME_…`; `CSAT_OUTCOME_DERIVED` derives it from `answered` and `ended`.
   */
  int32_t outcome;
  /**
   * The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
   */
  const uint32_t *keys;
  /**
   * How many keys.
   */
  size_t key_count;
  /**
   * When it entered the queue.
   */
  int64_t offered;
  /**
   * When it began, before any menu.
   */
  int64_t started;
  /**
   * When it first rang at an agent.
   */
  int64_t rang;
  /**
   * When an agent answered.
   */
  int64_t answered;
  /**
   * When it ended or left the queue.
   */
  int64_t ended;
  /**
   * Time in queue; derived from the instants where it is missing.
   */
  int64_t wait;
  /**
   * Talking time.
   */
  int64_t talk;
  /**
   * Time on hold.
   */
  int64_t hold;
  /**
   * After-contact work.
   */
  int64_t wrap;
  /**
   * How many legs it had; `CSAT_UNKNOWN` is missing.
   */
  int32_t legs;
  /**
   * Whether it was handed on: 0, 1, or `CSAT_UNKNOWN`.
   */
  int32_t transferred;
  /**
   * Whether it arrived in working hours: 0, 1, or `CSAT_UNKNOWN`.
   */
  int32_t in_hours;
  /**
   * Must be 0.
   */
  int32_t reserved;
} csat_contact;

/**
 * One answer sheet of a survey. Begin with `CSAT_ANSWER_INIT`.
 */
typedef struct csat_answer {
  /**
   * `sizeof(csat_answer)`; set by `CSAT_ANSWER_INIT`.
   */
  uint32_t struct_size;
  /**
   * Must be 0.
   */
  int32_t reserved;
  /**
   * The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
   */
  const uint32_t *keys;
  /**
   * How many keys.
   */
  size_t key_count;
  /**
   * When it was asked.
   */
  int64_t asked;
  /**
   * When it was answered.
   */
  int64_t answered;
  /**
   * The one score of the sheet (the column `score`); `INT64_MIN` is missing.
   */
  int64_t score;
  /**
   * The marks of the columns named by `csat_tally_prepare_items`; `INT64_MIN` is missing.
   */
  const int64_t *items;
  /**
   * How many items.
   */
  size_t item_count;
} csat_answer;

/**
 * One filled quality form. Begin with `CSAT_EVALUATION_INIT`.
 */
typedef struct csat_evaluation {
  /**
   * `sizeof(csat_evaluation)`; set by `CSAT_EVALUATION_INIT`.
   */
  uint32_t struct_size;
  /**
   * The code of the column `form`, from `csat_tally_category_code`; `CSAT_UNKNOWN` is missing.
   */
  int32_t form;
  /**
   * The codes of the plan's keys, in their order, from `csat_tally_prepare_key`.
   */
  const uint32_t *keys;
  /**
   * How many keys.
   */
  size_t key_count;
  /**
   * When the contact was evaluated.
   */
  int64_t at;
  /**
   * The code of the column `form_version`; `CSAT_UNKNOWN` is missing.
   */
  int32_t form_version;
  /**
   * The code of the column `contact_type`; `CSAT_UNKNOWN` is missing.
   */
  int32_t contact_type;
  /**
   * The code of the column `kind`; `CSAT_UNKNOWN` is missing.
   */
  int32_t kind;
  /**
   * Must be 0.
   */
  int32_t reserved;
  /**
   * 0 for the first, higher after appeals; `INT64_MIN` is missing.
   */
  int64_t revision;
  /**
   * The answers to the criteria named by `csat_tally_prepare_items`: the code of an option, `CSAT_NOT_APPLICABLE`, or
   * `INT16_MIN` for no answer. In a plan with one form they are the codes of `csat_form_codes`, else those of
   * `csat_tally_category_code`.
   */
  const int16_t *marks;
  /**
   * How many marks.
   */
  size_t mark_count;
} csat_evaluation;

/**
 * One row of a report. Begin with `CSAT_ROW_INIT`. Its pointers are good until the report is freed. Texts end with
 * NUL; numbers that do not exist are NaN and their bit of `present` is not set.
 */
typedef struct csat_row {
  /**
   * `sizeof(csat_row)`; set by `CSAT_ROW_INIT`.
   */
  uint32_t struct_size;
  /**
   * Which numbers are there: bits `CSAT_HAS_…`.
   */
  uint32_t present;
  /**
   * The values of the keys, in the order of the plan.
   */
  const struct csat_key *keys;
  /**
   * How many keys.
   */
  size_t key_count;
  /**
   * The start of the slot in microseconds UTC; `INT64_MIN` without slots and for records that have no place.
   */
  int64_t slot;
  /**
   * The number of the group, from 0.
   */
  size_t group;
  /**
   * Which measure of the plan, from 0.
   */
  uint32_t measure_index;
  /**
   * Which part of the report, from 0.
   */
  uint32_t part_index;
  /**
   * The name of the measure.
   */
  const char *measure;
  /**
   * The part: words joined by `/`.
   */
  const char *part;
  /**
   * One of `CSAT_UNIT_…`.
   */
  const char *unit;
  /**
   * The number.
   */
  double value;
  /**
   * Lower limit of its interval.
   */
  double low;
  /**
   * Upper limit of its interval.
   */
  double high;
  /**
   * How many records it rests on.
   */
  uint64_t n;
  /**
   * Numerator, where the value is a ratio.
   */
  double numerator;
  /**
   * Denominator, where the value is a ratio.
   */
  double denominator;
  /**
   * Why there is no value or no interval: one of `CSAT_REASON_…`; NULL where both are there.
   */
  const char *reason;
  /**
   * The id of the definition, such as `sl:offered:20s`; see `csat_explain`.
   */
  const char *definition;
} csat_row;

/**
 * The score of one evaluation. Begin with `CSAT_SCORE_INIT`. Scores are points; where nothing is applicable they are
 * NaN and `exact` is `INT64_MIN`.
 */
typedef struct csat_score {
  /**
   * `sizeof(csat_score)`; set by `CSAT_SCORE_INIT`.
   */
  uint32_t struct_size;
  /**
   * `CSAT_HAS_VALUE` where there is a score, else 0.
   */
  uint32_t present;
  /**
   * The score: the aggregate that the form names.
   */
  double score;
  /**
   * The score as a whole number of 1e-9 points, equal in every language.
   */
  int64_t exact;
  /**
   * All sections as one block.
   */
  double pooled;
  /**
   * The plain mean of the scores of blocks.
   */
  double blocks;
  /**
   * The mean of the scores of blocks by weight.
   */
  double weighted;
  /**
   * Whether a critical criterion failed: 0 or 1.
   */
  int32_t failed;
  /**
   * How many criteria apply, count in the score and have no answer.
   */
  uint32_t unanswered;
} csat_score;

/**
 * A stretch in which a clock stands still: `from` belongs to it, `until` does not.
 */
typedef struct csat_pause {
  /**
   * Its first instant.
   */
  int64_t from;
  /**
   * The first instant after it; `INT64_MIN` while it goes on.
   */
  int64_t until;
} csat_pause;

/**
 * One ticket. Begin with `CSAT_TICKET_INIT`: everything missing. Instants are microseconds UTC.
 */
typedef struct csat_ticket {
  /**
   * `sizeof(csat_ticket)`; set by `CSAT_TICKET_INIT`.
   */
  uint32_t struct_size;
  /**
   * What its target depends on, from `csat_sla_prepare`.
   */
  uint32_t code;
  /**
   * When the clock starts.
   */
  int64_t start;
  /**
   * When it was done; missing while it is not.
   */
  int64_t done;
  /**
   * When it was created, which chooses the policy; missing is `start`.
   */
  int64_t created;
  /**
   * The time set by the customer; missing without.
   */
  int64_t requested;
  /**
   * When it is judged where it is not done; missing is not at all.
   */
  int64_t as_of;
  /**
   * When the clock stood still, in any order; overlapping pauses count once.
   */
  const struct csat_pause *pauses;
  /**
   * How many pauses.
   */
  size_t pause_count;
} csat_ticket;

/**
 * What came of a ticket. Begin with `CSAT_JUDGEMENT_INIT`. Times are microseconds, `INT64_MIN` where there is none.
 */
typedef struct csat_judgement {
  /**
   * `sizeof(csat_judgement)`; set by `CSAT_JUDGEMENT_INIT`.
   */
  uint32_t struct_size;
  /**
   * One of `CSAT_VERDICT_…`.
   */
  int32_t verdict;
  /**
   * When it was due.
   */
  int64_t due;
  /**
   * The time used; for a time set by the customer the real time after it.
   */
  int64_t elapsed;
  /**
   * What was left, negative if late.
   */
  int64_t remaining;
} csat_judgement;

/**
 * A contact of a queue log. Begin with `CSAT_QUEUE_CONTACT_INIT`. Texts end with NUL, are NULL where there is none, and
 * are good until the next call with the log that is not `const`. Instants are microseconds UTC, durations microseconds,
 * `INT64_MIN` is missing.
 */
typedef struct csat_queue_contact {
  /**
   * `sizeof(csat_queue_contact)`; set by `CSAT_QUEUE_CONTACT_INIT`.
   */
  uint32_t struct_size;
  /**
   * One of `CSAT_OUTCOME_…`.
   */
  int32_t outcome;
  /**
   * The unique id of the caller's channel.
   */
  const char *call_id;
  /**
   * The queue.
   */
  const char *queue;
  /**
   * Who answered.
   */
  const char *agent;
  /**
   * The caller's number as logged.
   */
  const char *caller;
  /**
   * The key with which the caller left.
   */
  const char *exit_key;
  /**
   * The event that ended it.
   */
  const char *ended_by;
  /**
   * When it entered the queue.
   */
  int64_t offered;
  /**
   * When an agent's phone first rang.
   */
  int64_t rang;
  /**
   * When it was connected to an agent.
   */
  int64_t answered;
  /**
   * When the visit ended.
   */
  int64_t ended;
  /**
   * Time in queue.
   */
  int64_t wait;
  /**
   * Talking time, hold included.
   */
  int64_t talk;
  /**
   * How many visits it consists of.
   */
  int32_t legs;
  /**
   * Whether a conversation ended in a transfer: 0 or 1.
   */
  int32_t transferred;
  /**
   * How many rings no agent took up.
   */
  int32_t ring_no_answers;
  /**
   * The place in the queue on entry; `CSAT_UNKNOWN` is missing.
   */
  int32_t position;
} csat_queue_contact;

/**
 * Done.
 */
#define CSAT_STATUS_OK 0

/**
 * A pointer is NULL or misaligned where one is needed, or a length cannot be.
 */
#define CSAT_STATUS_BAD_POINTER 101

/**
 * The buffer is too short; the needed size was written.
 */
#define CSAT_STATUS_SHORT_BUFFER 102

/**
 * The library failed inside. The handle is poisoned: every further call with it fails, only its `_free` works.
 */
#define CSAT_STATUS_PANIC 103

/**
 * The handle was poisoned by an earlier `CSAT_STATUS_PANIC`.
 */
#define CSAT_STATUS_POISONED 104

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The name of a status, such as `bad_value`; `unknown` for a number that is none. Static text, never freed.
 */
const char *csat_status_name(csat_status status);

/**
 * The name of an outcome class, such as `answered`; `unknown` for a number that is none. Static text, never freed.
 */
const char *csat_outcome_name(int32_t outcome);

/**
 * Frees a text and sets it back to empty. NULL and empty texts are allowed.
 */
void csat_text_free(struct csat_text *text);

/**
 * The version of the library that runs, such as `0.1.0`. Static text, never freed.
 */
const char *csat_version(void);

/**
 * The ABI of the library that runs; compare it with `CSAT_ABI_VERSION` of the header.
 */
uint32_t csat_abi_version(void);

/**
 * Everything the library knows by name, as JSON: measures with their options and parts, definitions, forms, tables
 * and their columns, outcome classes, units, reasons, error kinds, functions of `csat_call`.
 */
csat_status csat_catalogue_json(struct csat_text *out, struct csat_error *err);

/**
 * Reads an instant in ISO 8601 with an offset, such as `2026-03-02T08:03:10+03:00` or `2026-03-02T05:03:10Z`, as
 * microseconds UTC. A text without an offset is an error, because a local time needs a zone. `length` may be
 * `CSAT_NUL`.
 */
csat_status csat_instant_parse(const char *instant, size_t length, int64_t *out, struct csat_error *err);

/**
 * Runs a computation by name: statistics, comparisons, staffing. The request is a JSON object with `function` and its
 * arguments, the answer is JSON with a fixed order of fields; infinities are "inf" and "-inf", what does not exist is
 * null. The functions are listed by `csat_catalogue_json`. `length` may be `CSAT_NUL`.
 *
 *     csat_call("{\"function\": \"share.wilson\", \"successes\": 8, \"n\": 10}", CSAT_NUL, &answer, &err);
 *
 * Threads: may be called from any number of threads at once.
 */
csat_status csat_call(const char *request, size_t length, struct csat_text *out, struct csat_error *err);

/**
 * Explains in words the id of a number (`sl:offered:20s`, `nps:promoters`), or the name of a preset or of a measure.
 * `length` may be `CSAT_NUL`.
 */
csat_status csat_explain(const char *definition, size_t length, struct csat_text *out, struct csat_error *err);

/**
 * Makes an empty tally of a plan. `length` may be `CSAT_NUL`. Free it with `csat_tally_free`.
 */
csat_status csat_tally_new(const char *plan, size_t length, struct csat_tally **out, struct csat_error *err);

/**
 * Frees a tally. NULL is allowed.
 */
void csat_tally_free(struct csat_tally *tally);

/**
 * Makes an empty tally of the same plan: for another thread, process or day. Prepared codes are good for both.
 */
csat_status csat_tally_empty_like(const struct csat_tally *tally, struct csat_tally **out, struct csat_error *err);

/**
 * Counts a batch of records given as columns of one length. `options` may be NULL. On an error nothing is counted.
 */
csat_status csat_tally_push_columns(struct csat_tally *tally,
                                    const struct csat_column *columns,
                                    size_t count,
                                    const struct csat_push_options *options,
                                    struct csat_error *err);

/**
 * Prepares a text of a key, such as the name of a queue, for single records: they then carry the code. `key` is one of
 * the plan's keys. `text` NULL with length 0 is the missing value. Codes are 0, 1, 2 … in the order of preparation
 * and good as long as the tally.
 */
csat_status csat_tally_prepare_key(struct csat_tally *tally,
                                   const char *key,
                                   const char *value,
                                   size_t length,
                                   uint32_t *code,
                                   struct csat_error *err);

/**
 * Prepares a value of a key that need not be a text; see `csat_tally_prepare_key`.
 */
csat_status csat_tally_prepare_key_value(struct csat_tally *tally,
                                         const char *key,
                                         const struct csat_key *value,
                                         uint32_t *code,
                                         struct csat_error *err);

/**
 * The code of a text in a column with a closed list of values, such as `contact_type`, for single records. `column` is
 * csat's name of the column.
 */
csat_status csat_tally_category_code(const struct csat_tally *tally,
                                     const char *column,
                                     const char *value,
                                     size_t length,
                                     int32_t *code,
                                     struct csat_error *err);

/**
 * Adds another tally of the same plan. Merging the same tally twice counts it twice.
 */
csat_status csat_tally_merge(struct csat_tally *tally, const struct csat_tally *from, struct csat_error *err);

/**
 * Takes another tally of the same plan out again. Refused, and nothing changed, if a count would fall below zero.
 */
csat_status csat_tally_subtract(struct csat_tally *tally, const struct csat_tally *less, struct csat_error *err);

/**
 * Pools to fewer keys and longer slots, into a new tally. `keys` are those that stay; `every` is the new length of a
 * slot such as `1h`, or NULL for no slots. Ratios come out as ratios of sums.
 */
csat_status csat_tally_roll_up(const struct csat_tally *tally,
                               const char *const *keys,
                               size_t count,
                               const char *every,
                               struct csat_tally **out,
                               struct csat_error *err);

/**
 * The slots that start at or after `from` and before `until` (microseconds UTC), as a new tally. Records without a
 * slot are left out.
 */
csat_status csat_tally_window(const struct csat_tally *tally,
                              int64_t from,
                              int64_t until,
                              struct csat_tally **out,
                              struct csat_error *err);

/**
 * Drops the slots that start before an instant. Records without a slot stay. Prepared codes stay good.
 */
csat_status csat_tally_forget(struct csat_tally *tally, int64_t before, struct csat_error *err);

/**
 * Writes the state, plan included, to a buffer of the caller. `*size` receives the size needed; where `capacity` is
 * less, nothing else is written and the status is `CSAT_STATUS_SHORT_BUFFER`. Ask with NULL and 0. Equal states have
 * equal bytes.
 */
csat_status csat_tally_save(const struct csat_tally *tally,
                            uint8_t *buffer,
                            size_t capacity,
                            size_t *size,
                            struct csat_error *err);

/**
 * Writes the state without its plan, for engines that keep one plan beside many states: `csat_tally_merge_saved` adds it
 * to a tally of the same plan, `csat_tally_load` cannot read it. The buffer is as for `csat_tally_save`.
 */
csat_status csat_tally_save_cells(const struct csat_tally *tally,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  size_t *size,
                                  struct csat_error *err);

/**
 * Makes a tally from saved bytes, plan included.
 */
csat_status csat_tally_load(const uint8_t *bytes, size_t size, struct csat_tally **out, struct csat_error *err);

/**
 * Adds saved bytes of the same plan. On an error nothing is added.
 */
csat_status csat_tally_merge_saved(struct csat_tally *tally, const uint8_t *bytes, size_t size, struct csat_error *err);

/**
 * Reads all estimates, with intervals at `confidence` such as 0.95, or values alone where it is NaN. Free the report
 * with `csat_report_free`; it does not need the tally any more.
 */
csat_status csat_tally_report(const struct csat_tally *tally,
                              double level,
                              struct csat_report **out,
                              struct csat_error *err);

/**
 * Reads the same counts by other recipes: another definition, other quantiles. `recipes` is a JSON list with one recipe
 * for each measure of the plan; only options that do not change what is counted may differ.
 */
csat_status csat_tally_report_as(const struct csat_tally *tally,
                                 const char *recipes,
                                 size_t length,
                                 double level,
                                 struct csat_report **out,
                                 struct csat_error *err);

/**
 * Reads the estimates as they would be with further records, which are not kept: contacts that still wait, looked at
 * at `options->as_of`, for a live report. `options` may be NULL.
 */
csat_status csat_tally_report_pending(const struct csat_tally *tally,
                                      const struct csat_column *columns,
                                      size_t count,
                                      const struct csat_push_options *options,
                                      double level,
                                      struct csat_report **out,
                                      struct csat_error *err);

/**
 * The rows set aside so far, as JSON: `{"total": 2, "counts": {REASON: 2}, "first": [{"row": 17, "message": …}]}`.
 * This is not part of the saved state.
 */
csat_status csat_tally_set_aside_json(const struct csat_tally *tally, struct csat_text *out, struct csat_error *err);

/**
 * What the tally counts, as JSON: `plan` (all defaults written out), `footprint` (equal ones can merge), and `columns`:
 * the columns it reads from a batch, what they hold and who needs them (null: it may be left out).
 */
csat_status csat_tally_describe_json(const struct csat_tally *tally, struct csat_text *out, struct csat_error *err);

/**
 * About how many bytes the counts take.
 */
csat_status csat_tally_memory(const struct csat_tally *tally, size_t *bytes, struct csat_error *err);

/**
 * Counts one contact. `options` may be NULL. On an error nothing is counted.
 */
csat_status csat_tally_push_contact(struct csat_tally *tally,
                                    const struct csat_contact *contact,
                                    const struct csat_push_options *options,
                                    struct csat_error *err);

/**
 * Names the columns that the items of an answer sheet, or the marks of an evaluation, stand for: by csat's names or by
 * those the plan maps them to. Every one must be read by the plan.
 */
csat_status csat_tally_prepare_items(struct csat_tally *tally,
                                     const char *const *names,
                                     size_t count,
                                     struct csat_error *err);

/**
 * Counts one answer sheet. `options` may be NULL. On an error nothing is counted.
 */
csat_status csat_tally_push_answer(struct csat_tally *tally,
                                   const struct csat_answer *answer,
                                   const struct csat_push_options *options,
                                   struct csat_error *err);

/**
 * Counts one evaluation. `options` may be NULL. On an error nothing is counted.
 */
csat_status csat_tally_push_evaluation(struct csat_tally *tally,
                                       const struct csat_evaluation *evaluation,
                                       const struct csat_push_options *options,
                                       struct csat_error *err);

/**
 * How many rows a report has: groups times parts.
 */
csat_status csat_report_rows(const struct csat_report *report, size_t *rows, struct csat_error *err);

/**
 * Reads one row, from 0: group by group in the order of keys and slots, part by part in the order of measures.
 */
csat_status csat_report_row(const struct csat_report *report,
                            size_t index,
                            struct csat_row *row,
                            struct csat_error *err);

/**
 * The whole report as a JSON list of rows with a fixed order of fields; what does not exist is null.
 */
csat_status csat_report_json(const struct csat_report *report, struct csat_text *out, struct csat_error *err);

/**
 * Frees a report and everything its rows point to. NULL is allowed.
 */
void csat_report_free(struct csat_report *report);

/**
 * Reads a form in TOML or JSON and makes it ready for a contact type; `contact_type` is NULL for a form that does not
 * depend on it. `length` may be `CSAT_NUL`. Free the form with `csat_form_free`.
 */
csat_status csat_form_new(const char *form,
                          size_t length,
                          const char *contact_type,
                          struct csat_form **out,
                          struct csat_error *err);

/**
 * A form shipped with csat, by name (`forms` of `csat_catalogue_json`), ready for a contact type or NULL.
 */
csat_status csat_form_shipped(const char *name,
                              const char *contact_type,
                              struct csat_form **out,
                              struct csat_error *err);

/**
 * Frees a form. NULL is allowed.
 */
void csat_form_free(struct csat_form *form);

/**
 * The form with everything written out, as JSON; reading it back gives the same form. The criteria are in its sections,
 * in the order of the answers where the form does not choose by contact type.
 */
csat_status csat_form_json(const struct csat_form *form, struct csat_text *out, struct csat_error *err);

/**
 * The codes of answers given as texts, one for each criterion in the order of the form: an option's id or title, `n/a`,
 * or NULL for no answer. `codes` has room for `count` codes.
 */
csat_status csat_form_codes(const struct csat_form *form,
                            const char *const *answers,
                            size_t count,
                            int16_t *codes,
                            struct csat_error *err);

/**
 * Scores one evaluation: the code of an option for each criterion in the order of the form, `CSAT_NOT_APPLICABLE`, or
 * `INT16_MIN` for no answer.
 */
csat_status csat_form_score(const struct csat_form *form,
                            const int16_t *codes,
                            size_t count,
                            struct csat_score *out,
                            struct csat_error *err);

/**
 * Explains the score of one evaluation in words: every criterion with its effective weight, all aggregates, what
 * critical criteria did.
 */
csat_status csat_form_explain(const struct csat_form *form,
                              const int16_t *codes,
                              size_t count,
                              struct csat_text *out,
                              struct csat_error *err);

/**
 * Reads a calendar in TOML or JSON: the IANA zone `time_zone`, `hours` by weekday (`{"mon": [["10:00", "19:00"]]}`; an
 * interval that ends before it begins runs overnight, 24:00 is a valid end), `holidays`, `overrides` and `breaks` of
 * single dates, `production` (a built-in production calendar, such as `ru`) and `years`. Unknown keys are refused.
 * `length` may be `CSAT_NUL`. Free the calendar with `csat_calendar_free`.
 */
csat_status csat_calendar_new(const char *calendar, size_t length, struct csat_calendar **out, struct csat_error *err);

/**
 * Frees a calendar. NULL is allowed.
 */
void csat_calendar_free(struct csat_calendar *calendar);

/**
 * Whether an instant is working time, 0 or 1: an opening is, a closing is not.
 */
csat_status csat_calendar_is_open(const struct csat_calendar *calendar,
                                  int64_t at,
                                  int32_t *out,
                                  struct csat_error *err);

/**
 * The instant itself if it is open, else the next opening. A calendar that never opens again is
 * `CSAT_STATUS_UNDEFINED`, as for the functions below.
 */
csat_status csat_calendar_next_open(const struct csat_calendar *calendar,
                                    int64_t at,
                                    int64_t *out,
                                    struct csat_error *err);

/**
 * The instant itself if it lies in working time (its end included, its start not), else the latest closing before it.
 */
csat_status csat_calendar_previous_open(const struct csat_calendar *calendar,
                                        int64_t at,
                                        int64_t *out,
                                        struct csat_error *err);

/**
 * The end of the current stretch of working time, or of the next one.
 */
csat_status csat_calendar_closing(const struct csat_calendar *calendar,
                                  int64_t at,
                                  int64_t *out,
                                  struct csat_error *err);

/**
 * The working time between two instants in microseconds of real time. `from` later than `to` is an error.
 */
csat_status csat_calendar_elapsed(const struct csat_calendar *calendar,
                                  int64_t from,
                                  int64_t to,
                                  int64_t *out,
                                  struct csat_error *err);

/**
 * The first instant at which `duration` microseconds of working time have passed since `start`; below zero backwards.
 * What is used up exactly at closing time stays at closing time.
 */
csat_status csat_calendar_add(const struct csat_calendar *calendar,
                              int64_t start,
                              int64_t duration,
                              int64_t *out,
                              struct csat_error *err);

/**
 * `csat_calendar_elapsed` for columns of `count` rows: a row with a missing end is missing. An error names its row, and
 * nothing is written then.
 */
csat_status csat_calendar_elapsed_column(const struct csat_calendar *calendar,
                                         const int64_t *from,
                                         const int64_t *to,
                                         size_t count,
                                         int64_t *out,
                                         struct csat_error *err);

/**
 * `csat_calendar_add` for a column of `count` starts: `duration_count` is 1 for one duration for all, or `count`. A row
 * with a missing start or duration is missing. An error names its row, and nothing is written then.
 */
csat_status csat_calendar_add_column(const struct csat_calendar *calendar,
                                     const int64_t *starts,
                                     size_t count,
                                     const int64_t *durations,
                                     size_t duration_count,
                                     int64_t *out,
                                     struct csat_error *err);

/**
 * The working time between two instants in words: every stretch counted, and the dates with hours of their own.
 */
csat_status csat_calendar_explain(const struct csat_calendar *calendar,
                                  int64_t from,
                                  int64_t to,
                                  struct csat_text *out,
                                  struct csat_error *err);

/**
 * Reads an SLA in TOML or JSON: `calendar`, further `calendars` by name, and `policies` with their `from` and `targets`.
 * Unknown keys are refused. `length` may be `CSAT_NUL`. Free it with `csat_sla_free`.
 */
csat_status csat_sla_new(const char *sla,
                         size_t length,
                         struct csat_sla **out,
                         struct csat_error *err);

/**
 * An SLA shipped with csat, by name (`slas` of `csat_catalogue_json`).
 */
csat_status csat_sla_shipped(const char *name, struct csat_sla **out, struct csat_error *err);

/**
 * Frees an SLA. NULL is allowed.
 */
void csat_sla_free(struct csat_sla *sla);

/**
 * The code of what a ticket's target depends on: `event` is one of `CSAT_EVENT_…`, the others are texts or NULL where
 * not known. It is good for this SLA, for any number of tickets. Texts that no target names are allowed.
 */
csat_status csat_sla_prepare(const struct csat_sla *sla,
                             const char *event,
                             const char *channel,
                             const char *priority,
                             const char *segment,
                             const char *team,
                             uint32_t *code,
                             struct csat_error *err);

/**
 * When a ticket created at `start` is due, without pauses or a time set by the customer; `INT64_MIN` where no target fits.
 */
csat_status csat_sla_due(const struct csat_sla *sla,
                         uint32_t code,
                         int64_t start,
                         int64_t *due,
                         struct csat_error *err);

/**
 * Judges one ticket.
 */
csat_status csat_sla_judge(const struct csat_sla *sla,
                           const struct csat_ticket *ticket,
                           struct csat_judgement *out,
                           struct csat_error *err);

/**
 * How the judgement of one ticket came about, in words: every stretch counted, every pause, and the verdict.
 */
csat_status csat_sla_explain(const struct csat_sla *sla,
                             const struct csat_ticket *ticket,
                             struct csat_text *out,
                             struct csat_error *err);

/**
 * Judges tickets in columns. `columns` are named as those of the table `tickets`: the clock runs from `start` (or
 * `created`) to `done` (or `first_response` or `resolved`, by the event); `created` chooses the policy, `requested` is the
 * time set by the customer; `channel`, `priority`, `segment` and `team` are needed where targets differ by them.
 * `event` is one of `CSAT_EVENT_…`, or NULL where the column `event` says it. `zone` is the IANA zone of local times, or
 * NULL. `as_of` is when what is not done is judged, or missing.
 *
 * `pauses` are columns of another table, or NULL: `ticket` (what the column `id` of the tickets holds, or the number of the
 * row where they have none), `from`, and `until`, which is missing while the pause goes on. Overlapping ones count once.
 *
 * Every output has `rows` places, as many as the columns have, or is NULL where it is not wanted: `due`, the verdict
 * (`CSAT_VERDICT_…`; `CSAT_VERDICT_NONE` for a ticket without a start), the time used and what was left. An error names its
 * row, and nothing is written then.
 */
csat_status csat_sla_judge_columns(const struct csat_sla *sla,
                                   const struct csat_column *columns,
                                   size_t column_count,
                                   const struct csat_column *pauses,
                                   size_t pause_column_count,
                                   const char *event,
                                   const char *zone,
                                   int64_t as_of,
                                   size_t rows,
                                   int64_t *due,
                                   int32_t *verdict,
                                   int64_t *elapsed,
                                   int64_t *remaining,
                                   struct csat_error *err);

/**
 * The name of a verdict, such as `met`; `unknown` for a number that is none. Static text, never freed.
 */
const char *csat_verdict_name(int32_t verdict);

/**
 * Makes a reader that has seen nothing. `options` is NULL or JSON: `{"zone": "Europe/Berlin"}` for logs with local times
 * and `{"stitch_gap_seconds": 60}` to make one contact of a call's visits to several queues.
 */
csat_status csat_queue_log_new(const char *options,
                               size_t length,
                               struct csat_queue_log **out,
                               struct csat_error *err);

/**
 * Frees a reader. NULL is allowed.
 */
void csat_queue_log_free(struct csat_queue_log *log);

/**
 * Takes bytes of the log, cut anywhere. Lines that cannot be used are counted (`csat_queue_log_counts_json`), never an
 * error; bytes that are not UTF-8 are replaced.
 */
csat_status csat_queue_log_push(struct csat_queue_log *log, const char *bytes, size_t length, struct csat_error *err);

/**
 * The log ends here: a line without an end is set aside, stitched contacts wait for no further visit.
 */
csat_status csat_queue_log_finish(struct csat_queue_log *log, struct csat_error *err);

/**
 * Takes the next complete contact. `*has` is 1 if there was one, else 0 and `out` is left alone.
 */
csat_status csat_queue_log_next_contact(struct csat_queue_log *log,
                                        struct csat_queue_contact *out,
                                        int32_t *has,
                                        struct csat_error *err);

/**
 * Counts all complete contacts that were not taken yet in a tally of contacts. Its keys may be `queue`, `agent`,
 * `customer` (the caller) and `id`. `*count` receives how many were counted. A contact that cannot be counted is an
 * error and left out; call again for those after it.
 */
csat_status csat_queue_log_count_into(struct csat_queue_log *log,
                                      struct csat_tally *tally,
                                      size_t *count,
                                      struct csat_error *err);

/**
 * Counts the contacts that wait now, looked at at `as_of` (microseconds UTC). They are not taken out of the log: use a
 * copy of the tally (`csat_tally_empty_like` and `csat_tally_merge`) for a live report.
 */
csat_status csat_queue_log_waiting_into(const struct csat_queue_log *log,
                                        struct csat_tally *tally,
                                        int64_t as_of,
                                        size_t *count,
                                        struct csat_error *err);

/**
 * The contacts that are not complete, as JSON: `{"waiting": […], "talking": […], "between": […]}`, the longest first.
 */
csat_status csat_queue_log_open_json(const struct csat_queue_log *log,
                                     struct csat_text *out,
                                     struct csat_error *err);

/**
 * Counts of lines and calls, and what was remarked with the first ten line numbers, as JSON.
 */
csat_status csat_queue_log_counts_json(const struct csat_queue_log *log, struct csat_text *out, struct csat_error *err);

/**
 * Counts all batches of an Arrow C stream. `options` may be NULL. On an error nothing is counted. The stream is taken
 * over and released before the call returns; if a pointer was refused its release callback is still set. Plain numbers
 * are seconds where a duration is wanted. Texts and dictionaries that the plan reads are checked; buffers and offsets
 * of other columns are not looked at.
 */
csat_status csat_tally_push_arrow(struct csat_tally *tally,
                                  struct ArrowArrayStream *stream,
                                  const struct csat_push_options *options,
                                  struct csat_error *err);

/**
 * Gives the report as an Arrow C stream of one batch: the keys, `slot` where there are slots, `measure`, `part`,
 * `value`, `low`, `high`, `n`, `numerator`, `denominator`, `unit`, `reason`, `definition`. The host releases the stream;
 * it does not need the report any more.
 */
csat_status csat_report_arrow(const struct csat_report *report,
                              struct ArrowArrayStream *stream,
                              struct csat_error *err);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CSAT_H */
