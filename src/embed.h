/* SPDX-License-Identifier: Apache-2.0 */
/* Files that embed.S puts into the program; each is text that ends with a NUL. */
#ifndef RT_EMBED_H
#define RT_EMBED_H

extern const char embed_errors[]; /* docs/errors.md */
extern const char embed_commit[]; /* the git commit, one line, or "unknown" */

#endif
