/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_YAML_YAML_INT_H
#define SP_YAML_YAML_INT_H

#include "yaml/decode.h"

/* What a plain scalar spells. Locale, memory and time zone play no part. */

/* YEAR-MONTH-DAY, a date that exists, perhaps with a time of day. */
bool sp_yaml_spells_timestamp (struct sp_view text);

/* SP_YAML_INT, SP_YAML_FLOAT or, when it is no number or one that fits no type, SP_YAML_TEXT. An
 * integer is *ret_unsigned when only an unsigned type holds it. */
enum sp_yaml_kind sp_yaml_spells_number (struct sp_view text, bool *ret_unsigned);

/* Report each key of a mapping that stands there before. */
int sp_yaml_report_duplicates (struct sp_yaml_decoder *decoder, const struct sp_yaml_node *mapping,
                               bool *ret_any, sigpolicy_error **err) SIGPOLICY_MUST_CHECK;

#endif
