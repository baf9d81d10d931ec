/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sdp/sdes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sdp/base64.h"
#include "sdp/scan.h"

struct suite {
	const char *name;
	const char *old_name; /* the other order of words, from drafts of RFC 6188 */
	uint8_t key_length;   /* master key and master salt */
};

static const struct suite suites[] = {
    [SDES_AES_CM_128_HMAC_SHA1_80] = {"AES_CM_128_HMAC_SHA1_80", NULL, 16 + 14},
    [SDES_AES_CM_128_HMAC_SHA1_32] = {"AES_CM_128_HMAC_SHA1_32", NULL, 16 + 14},
    [SDES_AES_192_CM_HMAC_SHA1_80] = {"AES_192_CM_HMAC_SHA1_80", "AES_CM_192_HMAC_SHA1_80",
				      24 + 14},
    [SDES_AES_192_CM_HMAC_SHA1_32] = {"AES_192_CM_HMAC_SHA1_32", "AES_CM_192_HMAC_SHA1_32",
				      24 + 14},
    [SDES_AES_256_CM_HMAC_SHA1_80] = {"AES_256_CM_HMAC_SHA1_80", "AES_CM_256_HMAC_SHA1_80",
				      32 + 14},
    [SDES_AES_256_CM_HMAC_SHA1_32] = {"AES_256_CM_HMAC_SHA1_32", "AES_CM_256_HMAC_SHA1_32",
				      32 + 14},
    [SDES_AEAD_AES_128_GCM] = {"AEAD_AES_128_GCM", NULL, 16 + 12},
    [SDES_AEAD_AES_256_GCM] = {"AEAD_AES_256_GCM", NULL, 32 + 12},
};
#define SUITE_COUNT (sizeof(suites) / sizeof(suites[0]))

static bool is_suite(enum sdes_suite suite)
{
	return suite > SDES_NONE && (unsigned)suite < SUITE_COUNT;
}

unsigned sdes_key_length(enum sdes_suite suite)
{
	return is_suite(suite) ? suites[suite].key_length : 0;
}

const char *sdes_suite_name(enum sdes_suite suite)
{
	return is_suite(suite) ? suites[suite].name : "NONE";
}

static enum sdes_suite find_suite(struct str name, enum sdes_spelling *spelling)
{
	for (unsigned i = 1; i < SUITE_COUNT; i++) {
		*spelling = SDES_SPELLING_RFC;
		if (str_caseeq(name, str_of(suites[i].name)))
			return (enum sdes_suite)i;
		*spelling = SDES_SPELLING_OLD;
		if (suites[i].old_name && str_caseeq(name, str_of(suites[i].old_name)))
			return (enum sdes_suite)i;
	}
	*spelling = SDES_SPELLING_RFC;
	return SDES_NONE;
}

enum sdes_suite sdes_suite_of(struct str name)
{
	enum sdes_spelling spelling;

	return find_suite(name, &spelling);
}

/* ---- parsing ---- */

static enum sdes_verdict verdict(enum sdes_verdict verdict, const char *text, const char **reason)
{
	*reason = text;
	return verdict;
}

/* Fields stand apart by one space or tab, or more. */
static bool next_word(struct str *rest, struct str *word)
{
	size_t start = 0;

	while (start < rest->len && (rest->ptr[start] == ' ' || rest->ptr[start] == '\t'))
		start++;

	size_t end = start;

	while (end < rest->len && rest->ptr[end] != ' ' && rest->ptr[end] != '\t')
		end++;
	*word = (struct str){rest->ptr + start, end - start};
	rest->ptr += end;
	rest->len -= end;
	return word->len > 0;
}

/* "2^31" or plain packets (RFC 4568 6.1). */
static bool read_lifetime(struct sdes_key *key, struct str text)
{
	uint64_t number;

	if (!sdp_scan_starts_with(text, "2^"))
		return sdp_scan_number_strict(text, SDES_LIFETIME_MAX, &key->lifetime) &&
		       key->lifetime > 0;
	if (!sdp_scan_number_strict((struct str){text.ptr + 2, text.len - 2}, 48, &number))
		return false;
	key->lifetime = 1ULL << number;
	return true;
}

/* What is read of one "inline:" parameter. */
struct key_param {
	struct sdes_key *key;
	size_t key_length; /* that the suite asks for */
	uint8_t mki_length;
};

/* "VALUE:LENGTH", the length in bytes, 1..128 (RFC 4568 6.1). */
static enum sdes_verdict read_mki(struct key_param *param, struct str text, const char **reason)
{
	struct str value;
	uint64_t number, length;

	if (!sdp_scan_field(&text, ':', &value) || !sdp_scan_number_strict(text, 128, &length) ||
	    !length)
		return verdict(SDES_BAD, "MKI is VALUE:LENGTH, length 1 to 128 bytes", reason);
	if (length > SDES_MKI_MAX)
		return verdict(SDES_SKIP, "MKI is longer than 4 bytes", reason);
	if (!sdp_scan_number_strict(value, (1ULL << (8 * length)) - 1, &number))
		return verdict(SDES_BAD, "MKI value does not fit its length", reason);
	param->key->mki = (uint32_t)number;
	param->mki_length = (uint8_t)length;
	return SDES_OK;
}

/* KEY["|"LIFETIME]["|"MKI] */
static enum sdes_verdict read_key_info(struct key_param *param, struct str info,
				       const char **reason)
{
	struct str field;
	bool ends_with_bar = info.len > 0 && info.ptr[info.len - 1] == '|';

	if (ends_with_bar || !sdp_scan_field(&info, '|', &field))
		return verdict(SDES_BAD, "key, or what follows '|', is missing", reason);
	if (!sdp_base64_decode(param->key->bytes, param->key_length, field))
		return verdict(SDES_BAD, "key is not base64 of the suite's length", reason);
	if (info.len == 0)
		return SDES_OK;

	if (!memchr(info.ptr, ':', info.len) || memchr(info.ptr, '|', info.len)) {
		if (!sdp_scan_field(&info, '|', &field) || !read_lifetime(param->key, field))
			return verdict(SDES_BAD, "lifetime is 1 to 2^48 packets", reason);
	}
	return info.len ? read_mki(param, info, reason) : SDES_OK;
}

static enum sdes_verdict read_key_param(struct key_param *param, struct str text,
					const char **reason)
{
	struct str method;

	if (!memchr(text.ptr, ':', text.len) || !sdp_scan_field(&text, ':', &method))
		return verdict(SDES_BAD, "key parameter is METHOD:INFO", reason);
	if (!str_caseeq(method, STR("inline")))
		return verdict(SDES_SKIP, "key method is not inline", reason);
	return read_key_info(param, text, reason);
}

/* Whether a further key of the line can be told from the ones before it (RFC 4568 6.1). */
static const char *further_key_objection(const struct sdes_crypto *crypto,
					 const struct sdes_more *more,
					 const struct key_param *param)
{
	const struct sdes_key *key = &crypto->key;

	if (!crypto->mki_length || param->mki_length != crypto->mki_length)
		return "several master keys need MKIs of one length";
	for (unsigned i = 0; i <= more->count; i++) {
		if (param->key->mki == key->mki)
			return "two master keys have the same MKI";
		if (memcmp(param->key->bytes, key->bytes, param->key_length) == 0)
			return "a master key stands twice on the line";
		key = &more->key[i];
	}
	return NULL;
}

static enum sdes_verdict read_further_key(const struct sdes_crypto *crypto, struct sdes_more *more,
					  struct str text, const char **reason)
{
	struct key_param param = {.key_length = crypto->key_length};
	enum sdes_verdict result;

	if (!more)
		return verdict(SDES_SKIP, "several master keys on one line", reason);
	if (more->count == SDES_KEYS_MAX - 1)
		return verdict(SDES_SKIP, "more than 4 master keys on one line", reason);
	param.key = &more->key[more->count];
	result = read_key_param(&param, text, reason);
	if (result != SDES_OK)
		return result;
	*reason = further_key_objection(crypto, more, &param);
	more->count++;
	return *reason ? SDES_BAD : SDES_OK;
}

/* METHOD:INFO[;METHOD:INFO]... */
static enum sdes_verdict read_key_params(struct sdes_crypto *crypto, struct sdes_more *more,
					 struct str params, const char **reason)
{
	struct key_param first = {.key = &crypto->key,
				  .key_length = sdes_key_length(crypto->suite)};
	bool ends_with_semicolon = params.ptr[params.len - 1] == ';';
	enum sdes_verdict result;
	struct str text;

	if (ends_with_semicolon || !sdp_scan_field(&params, ';', &text))
		return verdict(SDES_BAD, "key parameter is METHOD:INFO", reason);
	result = read_key_param(&first, text, reason);
	crypto->key_length = (uint8_t)first.key_length;
	crypto->mki_length = first.mki_length;
	while (result == SDES_OK && params.len) {
		if (!sdp_scan_field(&params, ';', &text))
			return verdict(SDES_BAD, "key parameter is METHOD:INFO", reason);
		result = read_further_key(crypto, more, text, reason);
	}
	return result;
}

/* The first row that fits decides (RFC 4568 6.3). */
static const struct session_param {
	const char *name;
	const char *value; /* NULL: there is no value; "": any */
	enum sdes_verdict verdict;
	const char *why;
} session_params[] = {
    {"KDR", "0", SDES_OK, NULL},
    {"KDR", "", SDES_SKIP, "key derivation rate other than 0"},
    {"UNENCRYPTED_SRTP", NULL, SDES_SKIP, "UNENCRYPTED_SRTP is refused"},
    {"UNENCRYPTED_SRTCP", NULL, SDES_SKIP, "UNENCRYPTED_SRTCP is refused"},
    {"UNAUTHENTICATED_SRTP", NULL, SDES_SKIP, "UNAUTHENTICATED_SRTP is refused"},
    {"FEC_ORDER", "FEC_SRTP", SDES_OK, NULL},
    {"FEC_ORDER", "", SDES_SKIP, "FEC over SRTP packets cannot be relayed"},
    {"FEC_KEY", "", SDES_SKIP, "FEC with its own key cannot be relayed"},
    {"WSH", "", SDES_OK, NULL},
};
#define SESSION_PARAM_COUNT (sizeof(session_params) / sizeof(session_params[0]))

static bool param_matches(const struct session_param *param, struct str name, bool has_value,
			  struct str value)
{
	if (!str_caseeq(name, str_of(param->name)) || has_value != (param->value != NULL))
		return false;
	return !has_value || !*param->value || str_caseeq(value, str_of(param->value));
}

static enum sdes_verdict read_session_param(struct str word, const char **reason)
{
	struct str name, value = word;
	bool has_value = memchr(word.ptr, '=', word.len) != NULL;

	if (!sdp_scan_field(&value, '=', &name))
		return verdict(SDES_BAD, "session parameter without a name", reason);
	for (unsigned i = 0; i < SESSION_PARAM_COUNT; i++)
		if (param_matches(&session_params[i], name, has_value, value))
			return verdict(session_params[i].verdict, session_params[i].why, reason);
	if (word.ptr[0] == '-')
		return SDES_OK;
	return verdict(SDES_SKIP, "unknown mandatory session parameter", reason);
}

static enum sdes_verdict read_line(struct sdes_crypto *crypto, struct sdes_more *more,
				   struct str rest, const char **reason)
{
	struct str tag, suite, params, word;
	uint64_t number;

	if (!next_word(&rest, &tag) || !next_word(&rest, &suite) || !next_word(&rest, &params))
		return verdict(SDES_BAD, "a=crypto is TAG SUITE KEY-PARAMETERS", reason);
	if (!sdp_scan_number_strict(tag, SDES_TAG_MAX, &number))
		return verdict(SDES_BAD, "tag is 1 to 9 digits, no leading zero", reason);
	crypto->tag = (uint32_t)number;
	if (!sdp_scan_is_token(suite))
		return verdict(SDES_BAD, "suite is a token", reason);
	crypto->suite = find_suite(suite, &crypto->spelling);
	if (crypto->suite == SDES_NONE)
		return verdict(SDES_SKIP, "unknown or refused crypto suite", reason);

	enum sdes_verdict result = read_key_params(crypto, more, params, reason);

	while (result == SDES_OK && next_word(&rest, &word))
		result = read_session_param(word, reason);
	return result;
}

enum sdes_verdict sdes_parse(struct sdes_crypto *crypto, struct sdes_more *more, struct str value,
			     const char **reason)
{
	const char *ignored;
	struct sdes_crypto read = {0};

	if (!reason)
		reason = &ignored;
	*reason = NULL;
	if (more)
		*more = (struct sdes_more){0};
	if (!value.ptr) /* a=crypto without a value */
		value = STR("");

	enum sdes_verdict result = read_line(&read, more, value, reason);

	if (result != SDES_OK) {
		explicit_bzero(&read, sizeof(read));
		if (more)
			explicit_bzero(more, sizeof(*more));
	}
	*crypto = read;
	explicit_bzero(&read, sizeof(read));
	return result;
}

/* ---- writing ---- */

static bool is_in_range(const struct sdes_crypto *crypto)
{
	return is_suite(crypto->suite) && crypto->key_length == suites[crypto->suite].key_length &&
	       crypto->tag <= SDES_TAG_MAX && crypto->key.lifetime <= SDES_LIFETIME_MAX &&
	       crypto->mki_length <= SDES_MKI_MAX &&
	       (crypto->mki_length == 0 || crypto->key.mki >> (8 * crypto->mki_length - 1) <= 1);
}

static const char *spelled_name(const struct sdes_crypto *crypto)
{
	const struct suite *suite = &suites[crypto->suite];

	return crypto->spelling == SDES_SPELLING_OLD && suite->old_name ? suite->old_name
									: suite->name;
}

/* "|2^31|1:4", or less. At most 20 + 17 characters. */
static void format_tail(const struct sdes_crypto *crypto, char tail[48])
{
	int used = 0;
	uint64_t lifetime = crypto->key.lifetime;

	tail[0] = '\0';
	if (lifetime && (lifetime & (lifetime - 1)) == 0)
		used = snprintf(tail, 48, "|2^%d", __builtin_ctzll(lifetime));
	else if (lifetime)
		used = snprintf(tail, 48, "|%" PRIu64, lifetime);
	if (crypto->mki_length)
		snprintf(tail + used, 48 - (size_t)used, "|%" PRIu32 ":%u", crypto->key.mki,
			 crypto->mki_length);
}

int sdes_format(const struct sdes_crypto *crypto, char *text, size_t size)
{
	char key[(SDES_KEY_MAX + 2) / 3 * 4 + 1] = "";
	char tail[48];

	if (!is_in_range(crypto))
		return -EINVAL;
	sdp_base64_encode(key, crypto->key.bytes, crypto->key_length);
	format_tail(crypto, tail);

	int length = snprintf(text, size, "%" PRIu32 " %s inline:%s%s", crypto->tag,
			      spelled_name(crypto), key, tail);

	explicit_bzero(key, sizeof(key));
	if (length >= 0 && (size_t)length < size)
		return length;
	explicit_bzero(text, size);
	return -ENOSPC;
}
