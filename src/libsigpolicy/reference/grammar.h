/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SP_REFERENCE_GRAMMAR_H
#define SP_REFERENCE_GRAMMAR_H

#include "util/view.h"

#include <stdbool.h>

/*
 * The grammar of docker references, as predicates over whole views:
 *
 *   reference  = name [ ":" tag ] [ "@" digest ]
 *   name       = [ domain "/" ] path-comp *( "/" path-comp )
 *   domain     = dlabel *( "." dlabel ) [ ":" 1*DIGIT ]
 *   dlabel     = ALNUM [ *( ALNUM / "-" ) ALNUM ]
 *   path-comp  = 1*lower-alnum *( sep 1*lower-alnum )
 *   sep        = "." / "_" / "__" / 1*"-"
 *   tag        = ( ALNUM / "_" ) *127( ALNUM / "_" / "." / "-" )
 *   digest     = algo ":" 32*HEXDIG
 *   algo       = algo-comp *( ( "-" / "_" / "+" / "." ) algo-comp )
 *   algo-comp  = ALPHA *( ALNUM )
 */
bool sp_grammar_domain (struct sp_view text);
bool sp_grammar_path (struct sp_view text);

/* A reference taken apart; tag and digest have NULL data where absent, domain is empty where there
 * is none. */
struct sp_grammar_parts
{
  struct sp_view name, domain, path, tag, digest;
};
bool sp_grammar_reference (struct sp_view text, struct sp_grammar_parts *ret);

#endif
