/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/sdp.h"

#include <errno.h>

#include "sdp/address.h"
#include "sdp/scan.h"

#define PTIME_MAX_MS 10000U

struct parser {
	struct sdp *sdp;
	struct sdp_media *media;       /* the section that is open; NULL: still the session */
	struct sdp_address connection; /* of the session */
	bool has_connection;           /* c= at session level */
	bool media_has_connection;
	enum sdp_direction direction; /* of the session */
	const struct line_rule *last; /* the line before this one */
	const char *error;
};

enum { MANDATORY = 1U << 0, REPEATS = 1U << 1 };

/* A type letter in its place: the grammar of RFC 8866 9 as a table in the order of lines. */
struct line_rule {
	char type;
	unsigned flags;
	bool (*read)(struct parser *parser, struct str value); /* NULL: nothing that we need */
	const char *rule;                                      /* when read() says no */
	const char *misplaced;
	const char *missing;
};

#define LINE(letter, flags, read, rule)                                   \
	{                                                                 \
		letter[0], flags, read, letter "= " rule,                 \
		    letter "= stands twice or out of order (RFC 8866 5)", \
		    letter "= is missing (RFC 8866 5)"                    \
	}

static bool refuse(struct parser *parser, const char *error)
{
	parser->error = error;
	return false;
}

/* ---- session lines ---- */

static bool read_version(struct parser *parser, struct str value)
{
	(void)parser;
	return str_eq(value, STR("0"));
}

static bool read_origin(struct parser *parser, struct str value)
{
	struct str id, version;
	struct sdp_address address;
	struct sdp *sdp = parser->sdp;

	return sdp_scan_field(&value, ' ', &sdp->origin_user) && sdp_scan_field(&value, ' ', &id) &&
	       sdp_scan_number(id, UINT64_MAX, &sdp->session_id) &&
	       sdp_scan_field(&value, ' ', &version) &&
	       sdp_scan_number(version, UINT64_MAX, &sdp->session_version) &&
	       sdp_address_read(&address, value);
}

static bool read_name(struct parser *parser, struct str value)
{
	parser->sdp->name = value;
	return true;
}

static bool read_connection(struct parser *parser, struct str value)
{
	if (parser->media)
		parser->media_has_connection = true;
	else
		parser->has_connection = true;
	return sdp_address_read(parser->media ? &parser->media->connection : &parser->connection,
				value);
}

static bool read_time(struct parser *parser, struct str value)
{
	struct str start, stop;
	uint64_t number;

	(void)parser;
	return sdp_scan_field(&value, ' ', &start) && sdp_scan_number(start, UINT64_MAX, &number) &&
	       sdp_scan_field(&value, ' ', &stop) && sdp_scan_number(stop, UINT64_MAX, &number) &&
	       value.len == 0;
}

/* ---- attributes ---- */

/* "20", or a fraction, which is cut off. */
static unsigned milliseconds(struct str value)
{
	struct str whole;
	uint64_t number;

	if (!sdp_scan_field(&value, '.', &whole) || !sdp_scan_number(whole, PTIME_MAX_MS, &number))
		return 0;
	return (unsigned)number;
}

/* PORT [NETTYPE ADDRTYPE ADDRESS] (RFC 3605 2.1) */
static bool read_rtcp(struct sdp_media *media, struct str value)
{
	struct str port;
	uint64_t number;

	if (!sdp_scan_field(&value, ' ', &port) || !sdp_scan_number(port, UINT16_MAX, &number))
		return false;
	media->rtcp_port = (uint16_t)number;
	media->rtcp_address = (struct sdp_address){0};
	return value.len == 0 || sdp_address_read(&media->rtcp_address, value);
}

static bool read_direction(enum sdp_direction *direction, struct str name)
{
	for (unsigned i = SDP_SENDRECV; i <= SDP_INACTIVE; i++) {
		if (!str_eq(name, str_of(sdp_direction_name((enum sdp_direction)i))))
			continue;
		*direction = (enum sdp_direction)i;
		return true;
	}
	return false;
}

static bool read_media_attribute(struct parser *parser, const struct sdp_attribute *attribute)
{
	struct sdp_media *media = parser->media;

	if (media->attribute_count == SDP_ATTRIBUTES_MAX)
		return refuse(parser, "a=: more than 96 attributes in a media section");
	media->attribute[media->attribute_count++] = *attribute;

	if (!attribute->value.ptr && read_direction(&media->direction, attribute->name))
		return true;
	if (str_eq(attribute->name, STR("rtcp-mux")))
		media->rtcp_mux = !attribute->value.ptr;
	else if (str_eq(attribute->name, STR("ptime")))
		media->ptime_ms = milliseconds(attribute->value);
	else if (str_eq(attribute->name, STR("maxptime")))
		media->maxptime_ms = milliseconds(attribute->value);
	else if (str_eq(attribute->name, STR("rtcp")) && !read_rtcp(media, attribute->value))
		return refuse(parser, "a=rtcp: is PORT [IN IP4|IP6 ADDRESS] (RFC 3605 2.1)");
	return true;
}

static bool read_attribute(struct parser *parser, struct str value)
{
	const char *colon = memchr(value.ptr, ':', value.len);
	size_t length = colon ? (size_t)(colon - value.ptr) : value.len;
	struct sdp_attribute attribute = {.name = {value.ptr, length}};

	if (colon)
		attribute.value = (struct str){colon + 1, value.len - length - 1};
	if (!sdp_scan_is_token(attribute.name))
		return false;
	if (parser->media)
		return read_media_attribute(parser, &attribute);
	if (!attribute.value.ptr)
		read_direction(&parser->direction, attribute.name);
	return true;
}

/* ---- media lines ---- */

static bool read_proto(struct sdp_media *media, struct str text)
{
	struct str rest = text, part;

	while (rest.len)
		if (!sdp_scan_field(&rest, '/', &part) || !sdp_scan_is_token(part))
			return false;
	if (text.len == 0 || text.ptr[text.len - 1] == '/')
		return false;
	media->proto_text = text;
	media->proto = SDP_PROTO_OTHER;
	for (unsigned i = SDP_RTP_AVP; i < SDP_PROTO_OTHER; i++)
		if (str_caseeq(text, str_of(sdp_proto_name((enum sdp_proto)i))))
			media->proto = (enum sdp_proto)i;
	return true;
}

static bool read_port(struct sdp_media *media, struct str text)
{
	struct str port;
	uint64_t number, count = 1;
	bool has_count = memchr(text.ptr, '/', text.len) != NULL;

	if (!sdp_scan_field(&text, '/', &port) || !sdp_scan_number(port, UINT16_MAX, &number))
		return false;
	if (has_count && (!sdp_scan_number(text, UINT16_MAX, &count) || count == 0))
		return false;
	media->port = (uint16_t)number;
	media->port_count = (uint16_t)count;
	return true;
}

static bool read_formats(struct parser *parser, struct str rest)
{
	struct sdp_media *media = parser->media;
	struct str format;
	uint64_t number;

	while (rest.len) {
		if (media->format_count == SDP_FORMATS_MAX)
			return refuse(parser, "m=: more than 32 formats");
		if (!sdp_scan_field(&rest, ' ', &format) || !sdp_scan_is_printable(format))
			return false;
		if (media->proto != SDP_PROTO_OTHER &&
		    !sdp_scan_number_strict(format, 127, &number))
			return refuse(parser, "m=: an RTP format is a payload type 0..127 "
					      "(RFC 8866 5.14)");
		media->format[media->format_count++] = format;
	}
	return media->format_count > 0;
}

static bool read_media(struct parser *parser, struct str value)
{
	struct sdp *sdp = parser->sdp;
	struct str port, proto;

	if (sdp->media_count == SDP_MEDIA_MAX)
		return refuse(parser, "m=: more than 8 media sections");

	struct sdp_media *media = &sdp->media[sdp->media_count++];

	parser->media = media;
	parser->media_has_connection = false;
	*media =
	    (struct sdp_media){.connection = parser->connection, .direction = parser->direction};
	return sdp_scan_field(&value, ' ', &media->type) && sdp_scan_is_token(media->type) &&
	       sdp_scan_field(&value, ' ', &port) && read_port(media, port) &&
	       sdp_scan_field(&value, ' ', &proto) && read_proto(media, proto) &&
	       read_formats(parser, value);
}

/* ---- the grammar ---- */

static const struct line_rule session_lines[] = {
    LINE("v", MANDATORY, read_version, "is 0 (RFC 8866 5.1)"),
    LINE("o", MANDATORY, read_origin,
	 "is USER ID VERSION NETTYPE ADDRTYPE ADDRESS, 64-bit numbers (RFC 8866 5.2)"),
    LINE("s", MANDATORY, read_name, ""),
    LINE("i", 0, NULL, ""),
    LINE("u", 0, NULL, ""),
    LINE("e", REPEATS, NULL, ""),
    LINE("p", REPEATS, NULL, ""),
    LINE("c", 0, read_connection, "is NETTYPE ADDRTYPE ADDRESS (RFC 8866 5.7)"),
    LINE("b", REPEATS, NULL, ""),
    LINE("t", MANDATORY | REPEATS, read_time, "is START STOP, two numbers (RFC 8866 5.9)"),
    LINE("r", REPEATS, NULL, ""),
    LINE("z", 0, NULL, ""),
    LINE("k", 0, NULL, ""), /* obsolete: read over (RFC 8866 5.12) */
    LINE("a", REPEATS, read_attribute, "is NAME or NAME:VALUE, the name a token (RFC 8866 5.13)"),
};

/* One c= a section: several are for layers of multicast. */
static const struct line_rule media_lines[] = {
    LINE("m", MANDATORY, read_media,
	 "is MEDIA PORT[/COUNT] PROTO FORMAT..., port 0..65535 (RFC 8866 5.14)"),
    LINE("i", 0, NULL, ""),
    LINE("c", 0, read_connection, "is NETTYPE ADDRTYPE ADDRESS (RFC 8866 5.7)"),
    LINE("b", REPEATS, NULL, ""),
    LINE("k", 0, NULL, ""),
    LINE("a", REPEATS, read_attribute, "is NAME or NAME:VALUE, the name a token (RFC 8866 5.13)"),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct line_rule *find_rule(const struct line_rule *rules, size_t count, char type)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

/* May rule follow the last line of the same table? A further t= may follow r= and z=. */
static bool follows(struct parser *parser, const struct line_rule *rule)
{
	const struct line_rule *last = parser->last;

	if (last && rule->type == 't' && (last->type == 'r' || last->type == 'z'))
		return true;
	if (last && (rule < last || (rule == last && !(rule->flags & REPEATS))))
		return refuse(parser, rule->misplaced);
	for (const struct line_rule *between = last ? last + 1 : session_lines; between < rule;
	     between++)
		if (between->flags & MANDATORY)
			return refuse(parser, between->missing);
	return true;
}

/* The end of a section: nothing mandatory may be missing. */
static bool end_section(struct parser *parser)
{
	if (parser->media) {
		if (!parser->has_connection && !parser->media_has_connection && parser->media->port)
			return refuse(parser, "c= is missing, in the session and in the media "
					      "section (RFC 8866 5.7)");
		return true;
	}
	return follows(parser, &session_lines[COUNT(session_lines) - 1]);
}

static const struct line_rule *rule_of(struct parser *parser, char type)
{
	const struct line_rule *rule;

	if (type == 'm') {
		if (!end_section(parser))
			return NULL;
		return &media_lines[0];
	}
	rule = parser->media ? find_rule(media_lines, COUNT(media_lines), type)
			     : find_rule(session_lines, COUNT(session_lines), type);
	if (!rule)
		parser->error = find_rule(session_lines, COUNT(session_lines), type)
				    ? "a session's line stands in a media section (RFC 8866 5)"
				    : "unknown type letter (RFC 8866 5)";
	else if (!follows(parser, rule))
		return NULL;
	return rule;
}

static bool read_line(struct parser *parser, struct str line)
{
	if (line.len < 2 || line.ptr[1] != '=')
		return refuse(parser, "a line is TYPE=VALUE, one letter, no space (RFC 8866 5)");
	if (memchr(line.ptr, '\r', line.len))
		return refuse(parser, "bare CR (RFC 8866 9)");

	const struct line_rule *rule = rule_of(parser, line.ptr[0]);

	if (!rule)
		return false;
	parser->last = rule;
	parser->error = rule->rule;
	return !rule->read || rule->read(parser, (struct str){line.ptr + 2, line.len - 2});
}

/* Takes a line off rest, without its end: CRLF, LF, or the end of the text. */
static struct str next_line(struct str *rest)
{
	struct str line = *rest;
	const char *end = memchr(rest->ptr, '\n', rest->len);

	if (end)
		line.len = (size_t)(end - rest->ptr);
	rest->ptr += line.len + (end ? 1 : 0);
	rest->len -= line.len + (end ? 1 : 0);
	if (end && line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct str without_empty_end(struct str text)
{
	size_t length = text.len;

	while (length && (text.ptr[length - 1] == '\r' || text.ptr[length - 1] == '\n'))
		length--;
	return (struct str){text.ptr, length};
}

int sdp_parse(struct sdp *sdp, struct str text, const char **error)
{
	struct parser parser = {.sdp = sdp};
	struct str rest = without_empty_end(text);
	bool good = true;

	*sdp = (struct sdp){0};
	if (text.len > SDP_LENGTH_MAX)
		good = refuse(&parser, "longer than 16384 bytes");
	else if (rest.len && memchr(rest.ptr, '\0', rest.len))
		good = refuse(&parser, "NUL (RFC 8866 9)");
	while (good && rest.len)
		good = read_line(&parser, next_line(&rest));
	if (good)
		good = end_section(&parser);
	*error = good ? NULL : parser.error;
	return good ? 0 : -EBADMSG;
}

const struct sdp_attribute *sdp_attribute(const struct sdp_media *media, const char *name,
					  const struct sdp_attribute *previous)
{
	const struct sdp_attribute *end = media->attribute + media->attribute_count;

	for (const struct sdp_attribute *a = previous ? previous + 1 : media->attribute; a < end;
	     a++)
		if (str_eq(a->name, str_of(name)))
			return a;
	return NULL;
}

const char *sdp_proto_name(enum sdp_proto proto)
{
	static const char *const names[] = {"RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF"};

	return (unsigned)proto < COUNT(names) ? names[proto] : "";
}

const char *sdp_direction_name(enum sdp_direction direction)
{
	static const char *const names[] = {"sendrecv", "sendonly", "recvonly", "inactive"};

	return (unsigned)direction < COUNT(names) ? names[direction] : "";
}
