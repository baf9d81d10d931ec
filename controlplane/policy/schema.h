/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a configuration file may hold, as data: one table of keys a kind of item. The tables make
 * the reading (read.c), the freeing, the defaults and the texts of errors.
 */
#pragma once

#include <stddef.h>

enum schema_type {
	SCHEMA_STRING,    /* char * */
	SCHEMA_UNSIGNED,  /* unsigned: min..max, times scale */
	SCHEMA_PORT,      /* uint16_t: 1..65535; 0 when absent */
	SCHEMA_BOOL,      /* bool: "true" or "false" */
	SCHEMA_CHOICE,    /* an enum: one of choices */
	SCHEMA_SUITES,    /* enum sdes_suite[max], with a count */
	SCHEMA_CODECS,    /* struct sdp_filter_codec[max], with a count */
	SCHEMA_SET,       /* unsigned: bits 1 << value, of a list of choices */
	SCHEMA_REFERENCE, /* const pointer to an item of the list of item */
	SCHEMA_TEXTS,     /* char **, with a count; one that was wrong is NULL */
	SCHEMA_LIST,      /* pointer to an array of item, with a count */
};

enum schema_need { SCHEMA_OPTIONAL, SCHEMA_REQUIRED };

struct schema_choice {
	const char *name;
	unsigned value;
};

struct schema_key {
	const char *name;
	enum schema_type type;
	enum schema_need need;
	size_t offset;
	size_t count_offset; /* SUITES, TEXTS, LIST: of the unsigned count */
	unsigned min, max;   /* UNSIGNED: range; SUITES, TEXTS, LIST: max of items */
	unsigned scale;      /* UNSIGNED: the file's unit in units of the field */
	unsigned initial;    /* UNSIGNED: default, in the file's unit */
	const char *text;    /* STRING: default; NULL: none */
	const char *(*check)(
	    const char *); /* STRING, TEXTS: NULL when right, else what it must be */
	const struct schema_choice *choices; /* CHOICE, SET: ends with a NULL name */
	const struct schema *item;           /* REFERENCE, LIST */
};

struct schema {
	const char *noun; /* "peer" */
	size_t size; /* of the struct; in lists of the top level its first member is char *name */
	const struct schema_key *keys;
	unsigned count;
};

#define SCHEMA_KEYS_MAX 64U

extern const struct schema schema_config;
extern const struct schema schema_header_rule, schema_codecs;
extern const struct schema schema_tls, schema_listener, schema_dial_plan, schema_peer, schema_route,
    schema_registration, schema_interface, schema_number_limit, schema_emergency;

extern const struct schema schema_schedule, schema_translation;
/* of lists within items */
extern const struct schema schema_target, schema_rewrite;

extern const struct schema_choice schema_transports[], schema_securities[];

/* The key of the top level that holds the list of item; never NULL for the schemas above. */
const struct schema_key *schema_list_of(const struct schema *item);
/* Frees what the members of object own, not object. */
void schema_clear(const struct schema *schema, void *object);
