/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Malformed and hostile configurations. Each has a label, a text, and what has to become of it; the
 * runtime is given them one by one, with little memory and time (main.c).
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdio.h>

/* What has to become of the text. */
enum verdict {
	REFUSED,  /* by `check` and by `create`; `check` names the field, if one is given */
	UNMADE,   /* refused by `create`, in words that have the field; `check` may let it pass */
	READABLE, /* `check` has nothing to say about the type or range of this field */
	ACCEPTED, /* by `check`, and `create` makes the container */
	EITHER    /* in order, or refused: but in bounds */
};

/* Takes one configuration at a time: open, write the text to the stream, close. */
struct sink {
	/* Begin one. NULL: it is not wanted, go on with the next. */
	FILE *(*open)(struct sink *s, const char *label);
	void (*close)(struct sink *s, enum verdict verdict, const char *field);
};

/*
 * The generators. All texts are written as streams, since the memory of the generator would be taken
 * for the runtime's by wait4(2).
 */
void from_tables(struct sink *s); /* each member of each object with wrong types, integers, words */
void from_texts(struct sink *s);  /* rows that were thought of */
void from_sizes(struct sink *s);  /* many, long, deep */
void from_cuts(struct sink *s);   /* a configuration with everything, cut off and damaged */

/* A configuration that is in order: the members in front of the process's, of the process, behind. */
#define CONFIG_BEGIN "{\"ociVersion\": \"1.0.2\", \"root\": {\"path\": \"rootfs\"}, "
#define PROCESS_BEGIN                                                                              \
	"\"process\": {\"cwd\": \"/\", \"args\": [\"/bin/true\"], \"user\": {\"uid\": 0, \"gid\": 0}"
#define NAMESPACES "\"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"pid\"}]"

#endif
