/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One reading of a configuration file: where in the file each value stood, and the errors found so
 * far. Internal to policy.
 */
#pragma once

#include <stdbool.h>

#include "policy/config.h"
#include "policy/schema.h"
#include "policy/syntax.h"

enum load_state {
	LOAD_ABSENT, /* not in the file: the default, or nothing */
	LOAD_GIVEN,
	LOAD_BAD, /* in the file or required, and already reported: no more about it */
};

struct load_error {
	unsigned line;
	unsigned number; /* order of finding, so that sorting by line is stable */
	char *text;
};

struct load_place { /* of a field of the configuration */
	const void *field;
	unsigned line; /* of its value; absent: of its item */
	enum load_state state;
};

struct load_reference { /* to be resolved when all items are read */
	const struct schema *schema;
	const void *item; /* that refers, of schema */
	const struct schema_key *key;
	char *name;
};

struct load {
	const char *path;
	struct config *config;
	bool out_of_memory;
	unsigned error_count, errors_kept, errors_room;
	struct load_error *errors;
	unsigned warnings_room;
	unsigned place_count, place_room;
	struct load_place *places;
	unsigned reference_count, reference_room;
	struct load_reference *references;
};

void load_free(struct load *load); /* all but config */

/* "what: the value; what is allowed". Values of the file go in through load_show(). */
void load_error(struct load *load, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* At the line of field. */
void load_error_at(struct load *load, const void *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What is allowed, but should be known. */
void load_warn_at(struct load *load, const void *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Calls report in the order of the file. */
void load_report(struct load *load, void (*report)(void *user, const char *text), void *user);

void load_place(struct load *load, const void *field, unsigned line, enum load_state state);
void load_places_sort(struct load *load); /* once, before the three below */
unsigned load_line(const struct load *load, const void *field);
bool load_given(const struct load *load, const void *field);
bool load_bad(const struct load *load, const void *field);

/* A value for an error text: quoted, escaped, cut to 80 bytes. */
struct load_shown {
	char text[88];
};
struct load_shown load_show(const char *text);

/* Who an error is about: "peer alice: ", without a name "peer 3: ", in a list of an item "route
 * out: target 2: ", at the top level "". */
struct load_label {
	char text[SYNTAX_NAME_MAX + 64];
};
struct load_label load_label(const struct load *load, const struct schema *schema,
			     const void *item);

/* Grows *array to hold count + 1 items of size; false: out of memory, noted. */
bool load_room(struct load *load, void *array, unsigned count, unsigned *room, size_t size);

/* The steps of config_load(), each reporting what it finds. */
int read_file(struct load *load); /* file -> config and places; -EINVAL: nothing was read */
void resolve_references(struct load *load); /* names -> pointers; names are unique */
void check_config(struct load *load);       /* meaning */
void check_files(struct load *load);        /* of the tls profiles */
void check_limits(struct load *load);
void check_peers(struct load *load);
void check_registrations(struct load *load);
void check_codecs(struct load *load);
void check_header_rules(struct load *load); /* and gives each owner its own */
void check_routes(struct load *load);       /* the last: makes the index of routes */

/* One thing that only one item may have. */
struct unique_row {
	const char *key; /* compared without case; NULL rows are skipped */
	const void *field;
	const void *item; /* of schema */
	unsigned line;    /* filled by check_unique() */
};
/* Reports each row but the first of equal keys. what: "fqdn"; must: "must be …". Sorts rows. */
void check_unique(struct load *load, const struct schema *schema, struct unique_row *rows,
		  unsigned count, const char *what, const char *must);

/* secrets.c */
void config_secrets_wipe(struct config *config);
