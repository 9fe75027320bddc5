/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/dialect.h"

#include "util/alloc.h"
#include "util/limits.h"

#include <search.h>

/*
 * libyaml does the scanning and hands over events; here they become a tree. Its own tree builder is
 * not used: that refuses anchors defined twice and has no limits. Nothing here recurses.
 */

/* The established reader takes its input in pieces of this size, and bytes that are no text spoil a
 * file from the moment that their piece is read: so it decides how much garbage a file may have
 * behind its document. */
#define PIECE_BYTES 512U

struct item
{
  struct sp_yaml_node node;
  size_t capacity; /* of children */
  char *text, *tag;
};

struct sp_yaml
{
  struct item **items;
  size_t n_items, items_capacity;
  const struct sp_yaml_node *root;
};

struct anchor
{
  char *name;
  const struct sp_yaml_node *node;
};

struct builder
{
  struct sp_yaml *yaml;
  yaml_parser_t parser;
  struct sp_yaml_source source;
  struct sp_view left; /* what the parser has not yet read */
  size_t buffer_size;  /* the parser's own, learned at its first call */
  void *anchors;       /* tree of search.h over names; the last definition of each */
  struct item *open[SP_YAML_DEPTH_MAX];
  size_t depth, flow_depth, events, aliases;
};

static int
read_piece (void *data, unsigned char *buffer, size_t size, size_t *size_read)
{
  struct builder *builder = data;
  if (!builder->buffer_size)
    builder->buffer_size = size;
  /* What the parser still holds is the beginning of a character cut in two. */
  size_t kept = builder->buffer_size > size ? builder->buffer_size - size : 0;
  size_t most = kept < PIECE_BYTES ? PIECE_BYTES - kept : 1;
  struct sp_view piece = sp_view_head (builder->left, most < size ? most : size);
  if (piece.len)
    memcpy (buffer, piece.data, piece.len);
  builder->left = sp_view_from (builder->left, piece.len);
  *size_read = piece.len;
  return 1;
}

static int
too_much (const char *what, unsigned long limit, yaml_mark_t mark, sigpolicy_error **err)
{
  (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_LIMIT, "yaml: more than %lu %s",
                      limit, what);
  return sp_error_position (err, NULL, (unsigned)mark.line + 1, (unsigned)mark.column + 1, NULL);
}

/* The established texts number lines by where the construct began, else by where it failed; from 0,
 * except for faults within a token, and without a number where that is 0. */
static int
fault (const char *problem, yaml_mark_t context, yaml_mark_t at, bool in_token,
       sigpolicy_error **err)
{
  size_t line = context.line ? context.line : at.line;
  if (line)
    (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                        "yaml: line %zu: %s", line + in_token, problem);
  else
    (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR, "yaml: %s",
                        problem);
  return sp_error_position (err, NULL, (unsigned)at.line + 1, (unsigned)at.column + 1, NULL);
}

static int
parser_fault (const yaml_parser_t *parser, sigpolicy_error **err)
{
  static const yaml_mark_t nowhere;

  if (parser->error == YAML_MEMORY_ERROR)
    return sp_error_no_memory (err);
  if (parser->error == YAML_READER_ERROR)
    {
      int rc = fault (parser->problem, nowhere, nowhere, false, err);
      return rc == SIGPOLICY_E_NO_MEMORY
                 ? rc
                 : sp_error_position (err, NULL, (unsigned)parser->mark.line + 1,
                                      (unsigned)parser->mark.column + 1, NULL);
    }
  return fault (parser->problem ? parser->problem : "unknown problem parsing YAML content",
                parser->context_mark, parser->problem_mark, parser->error == YAML_SCANNER_ERROR,
                err);
}

static int
by_name (const void *a, const void *b)
{
  return strcmp (((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

static void
free_anchor (void *data)
{
  struct anchor *anchor = data;
  free (anchor->name);
  free (anchor);
}

static int
set_anchor (struct builder *builder, const yaml_char_t *name, const struct sp_yaml_node *node,
            sigpolicy_error **err)
{
  if (!name)
    return 0;
  struct anchor *anchor = sp_calloc (1, sizeof *anchor, err);
  if (!anchor)
    return SIGPOLICY_E_NO_MEMORY;
  anchor->name = sp_strdup ((const char *)name, err);
  struct anchor **known = anchor->name ? tsearch (anchor, &builder->anchors, by_name) : NULL;
  if (!known)
    {
      free_anchor (anchor);
      return *err ? SIGPOLICY_E_NO_MEMORY : sp_error_no_memory (err);
    }
  if (*known != anchor)
    free_anchor (anchor);
  (*known)->node = node;
  return 0;
}

static const struct sp_yaml_node *
find_anchor (const struct builder *builder, char *name)
{
  const struct anchor key = { .name = name };
  struct anchor **found = tfind (&key, &builder->anchors, by_name);
  return found ? (*found)->node : NULL;
}

/* A new node, as the root or behind the others of the collection that is open. */
static struct item *
add_item (struct builder *builder, enum sp_yaml_type type, yaml_mark_t mark, sigpolicy_error **err)
{
  struct sp_yaml *yaml = builder->yaml;
  struct item *parent = builder->depth ? builder->open[builder->depth - 1] : NULL;

  if (sp_grow (&yaml->items, &yaml->items_capacity, yaml->n_items, sizeof (struct item *), err) < 0
      || (parent
          && sp_grow (&parent->node.children, &parent->capacity, parent->node.n_children,
                      sizeof (struct sp_yaml_node *), err)
                 < 0))
    return NULL;
  struct item *item = sp_calloc (1, sizeof *item, err);
  if (!item)
    return NULL;
  item->node.type = type;
  item->node.line = (unsigned)mark.line + 1;
  item->node.column = (unsigned)mark.column + 1;
  yaml->items[yaml->n_items++] = item;
  if (parent)
    parent->node.children[parent->node.n_children++] = &item->node;
  else
    yaml->root = &item->node;
  return item;
}

/* "!" alone says nothing. */
static int
set_tag (struct item *item, const yaml_char_t *tag, yaml_mark_t mark, sigpolicy_error **err)
{
  if (!tag || sp_view_is (sp_view_str ((const char *)tag), "!"))
    return 0;
  if (strlen ((const char *)tag) > SP_YAML_TAG_BYTES_MAX)
    return too_much ("bytes in a tag", SP_YAML_TAG_BYTES_MAX, mark, err);
  item->tag = sp_strdup ((const char *)tag, err);
  item->node.tag = item->tag;
  return item->tag ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
add_alias (struct builder *builder, const yaml_event_t *event, sigpolicy_error **err)
{
  char *name = (char *)event->data.alias.anchor;
  const struct sp_yaml_node *target = find_anchor (builder, name);

  if (!target)
    {
      (void)sp_error_set (err, SIGPOLICY_E_CONFIG, SIGPOLICY_REASON_CONFIG_ERROR,
                          "yaml: unknown anchor '%s' referenced", name);
      return sp_error_position (err, NULL, (unsigned)event->start_mark.line + 1,
                                (unsigned)event->start_mark.column + 1, NULL);
    }
  if (++builder->aliases > SP_YAML_ALIASES_MAX)
    return too_much ("aliases", SP_YAML_ALIASES_MAX, event->start_mark, err);
  struct item *item = add_item (builder, SP_YAML_ALIAS, event->start_mark, err);
  if (!item)
    return SIGPOLICY_E_NO_MEMORY;
  item->node.target = target;
  item->text = sp_strdup (name, err);
  item->node.text = sp_view_str (item->text);
  return item->text ? 0 : SIGPOLICY_E_NO_MEMORY;
}

static int
add_scalar (struct builder *builder, const yaml_event_t *event, sigpolicy_error **err)
{
  struct item *item = add_item (builder, SP_YAML_SCALAR, event->start_mark, err);
  if (!item)
    return SIGPOLICY_E_NO_MEMORY;
  size_t length = event->data.scalar.length;
  item->text = sp_view_dup (sp_view_n ((const char *)event->data.scalar.value, length), err);
  if (!item->text)
    return SIGPOLICY_E_NO_MEMORY;
  item->node.text = sp_view_n (item->text, length);
  item->node.plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  item->node.anchored = event->data.scalar.anchor != NULL;
  int rc = set_tag (item, event->data.scalar.tag, event->start_mark, err);
  return rc < 0 ? rc : set_anchor (builder, event->data.scalar.anchor, &item->node, err);
}

/* An anchor stands for its node from here on, within it too. What is in a flow collection is in
 * flow style itself. */
static int
open_collection (struct builder *builder, enum sp_yaml_type type, const yaml_event_t *event,
                 const yaml_char_t *tag, const yaml_char_t *anchor, bool flow,
                 sigpolicy_error **err)
{
  if (builder->depth == SP_YAML_DEPTH_MAX)
    return too_much ("levels of nesting", SP_YAML_DEPTH_MAX, event->start_mark, err);
  struct item *item = add_item (builder, type, event->start_mark, err);
  if (!item)
    return SIGPOLICY_E_NO_MEMORY;
  item->node.anchored = anchor != NULL;
  builder->open[builder->depth++] = item;
  builder->flow_depth += flow;
  int rc = set_tag (item, tag, event->start_mark, err);
  return rc < 0 ? rc : set_anchor (builder, anchor, &item->node, err);
}

static int
take (struct builder *builder, const yaml_event_t *event, sigpolicy_error **err)
{
  static const yaml_mark_t nowhere;

  if (++builder->events > SP_YAML_EVENTS_MAX)
    return too_much ("events", SP_YAML_EVENTS_MAX, event->start_mark, err);
  const char *problem = sp_yaml_dialect_fault (&builder->source, event, builder->flow_depth > 0);
  if (problem)
    return fault (problem, nowhere, event->start_mark, event->type == YAML_SCALAR_EVENT, err);
  switch (event->type)
    {
    case YAML_STREAM_START_EVENT:
      builder->source.encoding = event->data.stream_start.encoding;
      return 0;
    case YAML_ALIAS_EVENT:
      return add_alias (builder, event, err);
    case YAML_SCALAR_EVENT:
      return add_scalar (builder, event, err);
    case YAML_SEQUENCE_START_EVENT:
      return open_collection (builder, SP_YAML_SEQUENCE, event, event->data.sequence_start.tag,
                              event->data.sequence_start.anchor,
                              event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, err);
    case YAML_MAPPING_START_EVENT:
      return open_collection (builder, SP_YAML_MAPPING, event, event->data.mapping_start.tag,
                              event->data.mapping_start.anchor,
                              event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, err);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
      builder->depth--;
      builder->flow_depth -= builder->flow_depth > 0;
      return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
      return 0;
    }
  return 0;
}

/*
 * The established reader holds three tokens: the one that ends the document and two more.
 * So a fault in those fails the file, and no other fault behind the document does.
 */
static int
look_behind (struct builder *builder, bool explicit_end, sigpolicy_error **err)
{
  yaml_parser_t *parser = &builder->parser;

  for (size_t wanted = explicit_end ? 2 : 3; wanted > 0; wanted--)
    {
      yaml_token_t token;
      if (!yaml_parser_scan (parser, &token))
        {
          /* libyaml went on to see whether the token before the fault is a key. */
          size_t held = (size_t)(parser->tokens.tail - parser->tokens.head);
          return parser->error != YAML_MEMORY_ERROR && held >= wanted ? 0
                                                                      : parser_fault (parser, err);
        }
      bool end = token.type == YAML_STREAM_END_TOKEN || token.type == YAML_NO_TOKEN;
      yaml_token_delete (&token);
      if (end)
        return 0;
    }
  return 0;
}

/* The next event; *ret_end at the end of the document, or of a file that has none. */
static int
step (struct builder *builder, bool *ret_end, sigpolicy_error **err)
{
  static const yaml_mark_t nowhere;
  yaml_event_t event;

  if (!yaml_parser_parse (&builder->parser, &event))
    return parser_fault (&builder->parser, err);
  yaml_event_type_t type = event.type;
  yaml_mark_t end = event.end_mark;
  bool explicit_end = type == YAML_DOCUMENT_END_EVENT && !event.data.document_end.implicit;
  int rc = take (builder, &event, err);
  yaml_event_delete (&event);
  *ret_end = type == YAML_DOCUMENT_END_EVENT || type == YAML_STREAM_END_EVENT;
  if (rc < 0 || !*ret_end)
    return rc;
  yaml_mark_t stray = { 0, 0, 0 };
  if (sp_yaml_has_stray_mark (&builder->source, end.index, &stray.line))
    return fault ("found a byte order mark within the text", nowhere, stray, true, err);
  return type == YAML_DOCUMENT_END_EVENT ? look_behind (builder, explicit_end, err) : 0;
}

int
sp_yaml_parse (struct sp_view text, struct sp_yaml **ret, sigpolicy_error **err)
{
  cleanup_yaml struct sp_yaml *yaml = sp_calloc (1, sizeof *yaml, err);
  bool end = false;
  int rc = 0;
  struct builder builder = { .yaml = yaml, .source = { .text = text }, .left = text };

  if (!yaml)
    return SIGPOLICY_E_NO_MEMORY;
  if (!yaml_parser_initialize (&builder.parser))
    return sp_error_no_memory (err);
  yaml_parser_set_input (&builder.parser, read_piece, &builder);
  while (rc == 0 && !end)
    rc = step (&builder, &end, err);
  yaml_parser_delete (&builder.parser);
  tdestroy (builder.anchors, free_anchor);
  if (rc < 0)
    return rc;
  *ret = steal (&yaml);
  return 0;
}

const struct sp_yaml_node *
sp_yaml_root (const struct sp_yaml *yaml)
{
  return yaml->root;
}

void
sp_yaml_free (struct sp_yaml *yaml)
{
  if (!yaml)
    return;
  for (size_t i = 0; i < yaml->n_items; i++)
    {
      free (yaml->items[i]->node.children);
      free (yaml->items[i]->text);
      free (yaml->items[i]->tag);
      free (yaml->items[i]);
    }
  free (yaml->items);
  free (yaml);
}
