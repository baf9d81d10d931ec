/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 7714 sections 16 and 17: packets under given session keys and the session salt
 * "Quid pro quo". In 17.1 to 17.4 the packet is the one of the subsections, which is not quite that
 * of the section's head.
 */
#pragma once

#include <stdint.h>

#define GCM_KEY_128 "000102030405060708090a0b0c0d0e0f"
#define GCM_KEY_256 GCM_KEY_128 "101112131415161718191a1b1c1d1e1f"
#define GCM_SALT "517569642070726f2071756f"

#define GCM_RTP_IV "51753c6580c2726f20718414"
#define GCM_RTP_HEADER "8040f17b8041f8d35501a0b2"
#define GCM_RTP_PAYLOAD \
	"47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573"
#define GCM_RTP_ROC 0U
#define GCM_RTP_SEQUENCE 0xf17bU

#define GCM_RTCP_IV "517524055203726f207170bb"
#define GCM_RTCP_HEADER "81c8000d4d617273"
#define GCM_RTCP_BODY                                      \
	"4e5450314e545032525450200000042a0000e9304c756e61" \
	"deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
#define GCM_RTCP_INDEX 0x5d4U

/* Packets that are encrypted and tagged. */
struct srtp_gcm_vector {
	const char *source;
	const char *key;
	const char *clear;
	const char *sealed;
	int rtcp;
};

static const struct srtp_gcm_vector srtp_gcm_vectors[] = {
    {
	"RFC 7714 16.1.1, 16.1.2",
	GCM_KEY_128,
	GCM_RTP_HEADER GCM_RTP_PAYLOAD,
	GCM_RTP_HEADER
	"f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
	"899d7f27beb16a9152cf765ee4390cce",
	0,
    },
    {
	"RFC 7714 16.2.1, 16.2.2",
	GCM_KEY_256,
	GCM_RTP_HEADER GCM_RTP_PAYLOAD,
	GCM_RTP_HEADER
	"32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b"
	"7aa3db36dfffd6b0f9bb7878d7a76c13",
	0,
    },
    {
	"RFC 7714 17.1",
	GCM_KEY_128,
	GCM_RTCP_HEADER GCM_RTCP_BODY,
	GCM_RTCP_HEADER
	"63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
	"c84aa45896cf4d2fc5abf87245d9eade800005d4",
	1,
    },
    {
	"RFC 7714 17.2",
	GCM_KEY_256,
	GCM_RTCP_HEADER GCM_RTCP_BODY,
	GCM_RTCP_HEADER
	"d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad"
	"1d1eb30c4446839f57ff6f6cb26ac3be800005d4",
	1,
    },
};

/* Tags over data that is authenticated only. */
struct gcm_tag_vector {
	const char *source;
	const char *key;
	const char *iv;
	const char *aad;
	const char *tag;
};

static const struct gcm_tag_vector gcm_tag_vectors[] = {
    {"RFC 7714 16.1.3, 16.1.4", GCM_KEY_128, GCM_RTP_IV, GCM_RTP_HEADER GCM_RTP_PAYLOAD,
     "22493f82d2bce397e9d79e3b19aa4216"},
    {"RFC 7714 16.2.3, 16.2.4", GCM_KEY_256, GCM_RTP_IV, GCM_RTP_HEADER GCM_RTP_PAYLOAD,
     "a866d5910f887463067ceefec45215d4"},
    {"RFC 7714 17.3", GCM_KEY_128, GCM_RTCP_IV, GCM_RTCP_HEADER GCM_RTCP_BODY "000005d4",
     "841dd9683dd78ec92ae58790125f62b3"},
    {"RFC 7714 17.4", GCM_KEY_256, GCM_RTCP_IV, GCM_RTCP_HEADER GCM_RTCP_BODY "000005d4",
     "91db4afbfeee5a978fab4393ed2615fe"},
};
