/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC-SHA1: RFC 2202 section 3, the cases whose key is at most one block. */
#pragma once

struct hmac_sha1_vector {
	const char *source;
	const char *key;
	const char *data;
	const char *digest;
};

#define DD_10 "dddddddddddddddddddd"
#define CD_10 "cdcdcdcdcdcdcdcdcdcd"

static const struct hmac_sha1_vector hmac_sha1_vectors[] = {
    {"RFC 2202 3, case 1", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"RFC 2202 3, case 2", "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"RFC 2202 3, case 3", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     DD_10 DD_10 DD_10 DD_10 DD_10, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"},
    {"RFC 2202 3, case 4", "0102030405060708090a0b0c0d0e0f10111213141516171819",
     CD_10 CD_10 CD_10 CD_10 CD_10, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
    {"RFC 2202 3, case 5", "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
     "546573742057697468205472756e636174696f6e", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"},
};
