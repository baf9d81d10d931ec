/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a multipart body (RFC 2046 5.1, RFC 5621): an emergency call has its location beside
 * its SDP, a gateway its ISUP. Pure and zero-copy, any thread: parts point into the body.
 */
#pragma once

#include <stdbool.h>

#include "sip/str.h"

#define SIP_BOUNDARY_MAX 70U /* RFC 2046 5.1.1 */
#define SIP_PARTS_MAX 16U

struct sip_part {
	struct str type;     /* of Content-Type, parameters and all; absent: text/plain */
	struct str encoding; /* of Content-Transfer-Encoding; absent: as it is */
	bool required;       /* handling=required is said (RFC 3261 20.11) */
	struct str body;
};

struct sip_multipart {
	char delimiter[2 + SIP_BOUNDARY_MAX]; /* "--" and the boundary */
	size_t length;
	struct str rest; /* from the end of a delimiter's line on; absent: that was the last */
	unsigned parts;
};

/* Whether a Content-Type is one of several parts. */
bool sip_multipart_is(struct str type);
/* 0, or -EBADMSG: no boundary, or none of it in body. */
int sip_multipart_begin(struct sip_multipart *walk, struct str type, struct str body);
/* 0 and part; -ENOENT: that was all; or -EBADMSG: a part without end or with a malformed head, or
 * more than SIP_PARTS_MAX. */
int sip_multipart_next(struct sip_multipart *walk, struct sip_part *part);
