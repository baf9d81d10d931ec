/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and parameters: what stands between commas and semicolons (RFC 3261 7.3.1, 19.1.1, 20). */
#include <errno.h>

#include "sip/message.h"
#include "sip/scan.h"

struct param {
	struct str name;
	struct str value; /* .ptr NULL: no '=' */
};

/* Splits "name = value"; says nothing of their grammar. */
static struct param param_of(struct str piece)
{
	struct param param = {piece, {NULL, 0}};
	const char *equals = piece.len > 0 ? memchr(piece.ptr, '=', piece.len) : NULL;

	if (equals) {
		param.name.len = (size_t)(equals - piece.ptr);
		param.value.ptr = equals + 1;
		param.value.len = piece.len - param.name.len - 1;
	}
	return param;
}

static bool header_param_valid(struct param *param)
{
	struct str value, quoted;

	param->name = sip_scan_trim(param->name);
	if (!sip_text_is(param->name, SIP_C_TOKEN))
		return false;
	if (!param->value.ptr)
		return true;
	value = sip_scan_trim(param->value);
	if (sip_scan_quoted(&value, &quoted))
		return value.len == 0;
	return sip_text_is(value, SIP_C_VALUE);
}

static bool uri_param_valid(const struct param *param)
{
	return param->name.len > 0 && sip_text_is_escaped(param->name, SIP_C_PARAM) &&
	       (!param->value.ptr ||
		(param->value.len > 0 && sip_text_is_escaped(param->value, SIP_C_PARAM)));
}

bool sip_params_valid(struct str params, enum sip_params_kind kind)
{
	struct str seen[SIP_PARAMS_MAX];
	size_t count = 0;
	struct str piece;

	while (sip_scan_split(&params, ';', &piece)) {
		struct param param = param_of(piece);

		if (count == SIP_PARAMS_MAX)
			return false;
		if (kind == SIP_PARAMS_OF_URI ? !uri_param_valid(&param)
					      : !header_param_valid(&param))
			return false;
		for (size_t i = 0; i < count; i++)
			if (str_caseeq(seen[i], param.name))
				return false;
		seen[count++] = param.name;
	}
	return true;
}

struct str sip_param(struct str params, const char *name)
{
	struct str wanted = str_of(name);
	struct str piece;

	while (sip_scan_split(&params, ';', &piece)) {
		struct param param = param_of(piece);

		if (!str_caseeq(sip_scan_trim(param.name), wanted))
			continue;
		return param.value.ptr ? sip_scan_trim(param.value)
				       : (struct str){piece.ptr + piece.len, 0};
	}
	return (struct str){NULL, 0};
}

struct str sip_media_type(struct str content_type)
{
	struct str type;

	return sip_scan_split(&content_type, ';', &type) ? sip_scan_trim(type) : content_type;
}

bool sip_list_next(struct str *rest, struct str *item)
{
	while (sip_scan_split(rest, ',', item)) {
		*item = sip_scan_trim(*item);
		if (item->len > 0)
			return true;
	}
	return false;
}

int sip_number_parse(uint32_t *number, struct str text, uint32_t max)
{
	uint64_t value = 0;

	if (!sip_text_is(text, SIP_C_DIGIT))
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++) {
		value = value * 10 + (uint64_t)(text.ptr[i] - '0');
		if (value > max)
			return -EINVAL;
	}
	*number = (uint32_t)value;
	return 0;
}
