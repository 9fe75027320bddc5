/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_YAML_DIALECT_H
#define SP_YAML_DIALECT_H

#include "yaml/yaml.h"

#include <yaml.h>

/* The file that libyaml reads, for questions that its events leave open. Its marks count
 * characters; here is where we are in both. Start with text and, from the first event, encoding. */
struct sp_yaml_source
{
  struct sp_view text;
  yaml_encoding_t encoding;
  size_t byte, index;
};

/*
 * What libyaml takes and the readers that wrote the dialect do not: %YAML 1.2; "\/" in double
 * quotes; a question mark within a plain scalar of a flow collection (https://host/path?query there
 * wants quotes); a comma right behind a tag. Returns the established words for the fault, or NULL.
 */
const char *sp_yaml_dialect_fault (struct sp_yaml_source *source, const yaml_event_t *event,
                                   bool in_flow);

/* libyaml also passes over a byte order mark in front of any line, which elsewhere is a character
 * of whatever stands there. So none is taken behind the first, up to a mark's index; *ret_line is
 * where one stands, from 0. */
bool sp_yaml_has_stray_mark (struct sp_yaml_source *source, size_t end, size_t *ret_line);

#endif
