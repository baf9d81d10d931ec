/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The media API: THE contract between the control plane and the data plane.
 *
 * Transport: a unix SOCK_SEQPACKET socket; one frame is one message: struct sluice_header and the
 * fixed-size body of its type. All numbers in host order (both ends are on one host) except IP
 * addresses, which are bytes in network order. All padding is explicit and must be zero.
 *
 * The client sends HELLO first; anything else first, or a HELLO of another version or with other
 * struct sizes, is answered with an error and the connection is closed. A frame with a bad length,
 * type, version or non-zero padding is answered with ERROR carrying a text, and closes that client
 * alone. Requests carry an id of the client's choice, answered in order with the same id and type.
 * header.status of an answer is 0 or -errno; of a request 0.
 *
 * Every request is idempotent and may be retried: the client chooses the 64-bit session id.
 * Keys go in and never come out.
 *
 * Errors used: -EINVAL (a field out of its range), -ENOSPC (stream table or media-port range full:
 * nothing changed), -EADDRINUSE (the wanted media port is another session's), -EADDRNOTAVAIL (the
 * wanted address or port is not of that interface), -ENODEV (no interface of that name), -ENOENT
 * (no such session), -EEXIST (session id open with other interfaces), -ENOTSUP (suite not there),
 * -EBUSY (the data plane is stopping). Those of CAPTURE stand there.
 */
#pragma once

#include <assert.h>
#include <stdint.h>

#include "sluice_drops.h"

#define SLUICE_MEDIA_API_VERSION 1U
#define SLUICE_MEDIA_FRAME_MAX                                            \
	16384U /* bytes, header included; the receive buffer of both ends \
		*/
#define SLUICE_MEDIA_SOCKET "/run/sluice/media.sock"
#define SLUICE_NAME_MAX 16U /* interface and port names, NUL included */
#define SLUICE_KEY_MAX 46U  /* AES-256 key (32) and salt (14), RFC 6188 */

enum sluice_type {
	SLUICE_HELLO = 1,
	SLUICE_OPEN = 2,
	SLUICE_SET = 3,
	SLUICE_CLOSE = 4,
	SLUICE_GET = 5,     /* one session: addresses, suites, counters */
	SLUICE_LIST = 6,    /* page through the session ids */
	SLUICE_STATS = 7,   /* counters of the whole data plane */
	SLUICE_STATUS = 8,  /* workers, ports, interfaces: pages of entries */
	SLUICE_CAPTURE = 9, /* the packets of one session into a file of the data plane */
	SLUICE_EVENT = 100, /* data plane -> client, id 0 */
	SLUICE_ERROR = 101, /* data plane -> client, then the connection closes */
};

/* SRTP crypto suites (RFC 4568 6.2, RFC 6188, RFC 7714); the numbers are part of the API. */
enum sluice_suite {
	SLUICE_SUITE_NONE = 0, /* plain RTP */
	SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80 = 1,
	SLUICE_SUITE_AES_CM_128_HMAC_SHA1_32 = 2,
	SLUICE_SUITE_AES_192_CM_HMAC_SHA1_80 = 3,
	SLUICE_SUITE_AES_192_CM_HMAC_SHA1_32 = 4,
	SLUICE_SUITE_AES_256_CM_HMAC_SHA1_80 = 5,
	SLUICE_SUITE_AES_256_CM_HMAC_SHA1_32 = 6,
	SLUICE_SUITE_AEAD_AES_128_GCM = 7,
	SLUICE_SUITE_AEAD_AES_256_GCM = 8,
	SLUICE_SUITE_COUNT
};

struct sluice_header {
	uint16_t version; /* SLUICE_MEDIA_API_VERSION */
	uint16_t type;    /* enum sluice_type */
	uint32_t id;      /* the client's choice, echoed; 0 in events */
	int32_t status;   /* answers: 0 or -errno */
	uint32_t length;  /* of the body in bytes */
};
static_assert(sizeof(struct sluice_header) == 16, "media API layout");

/* An IP address and UDP port. family 0: not set (then all else is zero). */
struct sluice_addr {
	uint8_t family; /* 0, 4 or 6 */
	uint8_t pad;
	uint16_t port;  /* host order; 0: none */
	uint8_t ip[16]; /* network order; IPv4 in the first four bytes */
};
static_assert(sizeof(struct sluice_addr) == 20, "media API layout");

/* ---- HELLO ---- */
struct sluice_hello {
	uint32_t api_version;
	uint32_t pad;
	uint32_t sizes[16]; /* SLUICE_MEDIA_SIZES, both ways: must be equal */
	char name[32];      /* of the client, for the log; NUL-terminated */
};
static_assert(sizeof(struct sluice_hello) == 104, "media API layout");

struct sluice_hello_reply {
	uint32_t api_version;
	uint32_t pid;
	uint32_t sizes[16];
	uint64_t boot_id; /* random at each start of the data plane, never 0 */
	uint32_t max_sessions;
	uint32_t sessions;
	uint32_t suites; /* bit (1 << enum sluice_suite): this engine can do it */
	uint32_t pad;
	char version[32]; /* of the data plane */
};
static_assert(sizeof(struct sluice_hello_reply) == 128, "media API layout");

/* ---- OPEN: reserve the local media addresses of both legs ---- */
struct sluice_open_leg {
	char interface[SLUICE_NAME_MAX];
	uint8_t family; /* 4 or 6: which of the interface's addresses */
	uint8_t pad[3];
	struct sluice_addr
	    wanted; /* re-installation: exactly this address and port; else family 0 */
};
static_assert(sizeof(struct sluice_open_leg) == 40, "media API layout");

struct sluice_open {
	uint64_t session; /* the client's choice, never 0 */
	struct sluice_open_leg leg[2];
};
static_assert(sizeof(struct sluice_open) == 88, "media API layout");

struct sluice_open_reply {
	uint64_t session;
	struct sluice_addr local[2]; /* RTP, an even port; RTCP is the next port */
};
static_assert(sizeof(struct sluice_open_reply) == 48, "media API layout");

/* ---- SET: describe a leg; only what the mask names is changed ---- */
enum sluice_set_mask {
	SLUICE_SET_REMOTE = 1U << 0,      /* remote_rtp, remote_rtcp, rtcp_mux */
	SLUICE_SET_RX_KEY = 1U << 1,      /* rx: what the peer encrypts with */
	SLUICE_SET_TX_KEY = 1U << 2,      /* tx: what we encrypt with */
	SLUICE_SET_DIRECTION = 1U << 3,   /* direction */
	SLUICE_SET_LATCH = 1U << 4,       /* latch */
	SLUICE_SET_DSCP = 1U << 5,        /* dscp */
	SLUICE_SET_TIMEOUT = 1U << 6,     /* media_timeout_ms */
	SLUICE_SET_RATE = 1U << 7,        /* rate_pps */
	SLUICE_SET_SILENCE = 1U << 8,     /* silence_timeout_ms */
	SLUICE_SET_PAYLOADS = 1U << 9,    /* payload, payload_count */
	SLUICE_SET_ALL = (1U << 10) - 1U, /* every bit that exists */
};

enum sluice_direction {                          /* as seen from the relay */
			SLUICE_DIR_RX = 1U << 0, /* the peer may send to us */
			SLUICE_DIR_TX = 1U << 1, /* we may send to the peer */
};

/* How the legitimate source of a leg is found (symmetric RTP, RFC 4961). */
enum sluice_latch {
	SLUICE_LATCH_STRICT = 0,  /* only remote_rtp and remote_rtcp */
	SLUICE_LATCH_ADDRESS = 1, /* the agreed IP address, any port, latched by the first packet */
	SLUICE_LATCH_ANY =
	    2, /* any source, latched by the first authenticated SRTP packet; on a plain
		  leg by the first RTP packet of the first 3 seconds after SET. RTCP that
		  has a port of its own there may come from that host at any time */
};

/*
 * How far a key has been used in one direction, by the source heard or sent last. It tells a data
 * plane that starts again where to go on: without it the roll-over counter would begin at 0 again,
 * so that the peer could not follow, and indices of our own key would be used twice.
 */
struct sluice_position {
	uint64_t rtp_next;  /* one above the highest index (RFC 3711 3.3.1); 0: none used */
	uint32_t rtcp_next; /* the same of SRTCP, at most 2^31 */
	uint32_t ssrc;
};
static_assert(sizeof(struct sluice_position) == 16, "media API layout");

/*
 * What is sent first for a source under a fresh key of ours has an RTP index of at most this, and
 * an SRTCP index of 0. So whoever knows for how long a key was used knows how far at most, though
 * nobody has looked. It is little, for a peer follows a leap of less than 2^15.
 */
#define SLUICE_FIRST_INDEX_MAX 1023U

/* A source's numbers may jump ahead by less than this at a time, and ours with them. */
#define SLUICE_JUMP_MAX 3000U

enum sluice_resume {
	SLUICE_RESUME_SOURCE = 0, /* of resume.ssrc alone; of others nothing is known */
	SLUICE_RESUME_ANY = 1,    /* our own key: of whatever source; rtp_next and rtcp_next are not
				     0, and resume.ssrc says nothing */
};

struct sluice_key {
	uint8_t suite;     /* enum sluice_suite; NONE: plain RTP */
	uint8_t key_len;   /* master key and salt together, as the suite has it; 0 for NONE */
	uint8_t mki_len;   /* 0: no MKI; else 1..4 */
	uint8_t resume_of; /* enum sluice_resume */
	uint32_t mki;      /* the value, host order, below 256^mki_len */
	/* Of a key that was in use before; all 0: a fresh key. rtp_next 2^48: nobody knows how far,
	 * so it sends nothing, and is near its limit. */
	struct sluice_position resume;
	uint64_t lifetime;           /* packets; 0: the suite's own limit */
	uint8_t key[SLUICE_KEY_MAX]; /* master key, then master salt */
	uint8_t pad2[2];
};
static_assert(sizeof(struct sluice_key) == 80, "media API layout");

/* Master keys that a peer may change between in mid-stream, telling by MKI (RFC 3711 3.2.1). */
#define SLUICE_RX_KEYS_MAX 4U

/* What a payload type carries: for the quality that is reckoned of it (dataplane/media/mos.h). */
enum sluice_codec {
	SLUICE_CODEC_UNKNOWN = 0,
	SLUICE_CODEC_G711 = 1,
	SLUICE_CODEC_G722 = 2,
	SLUICE_CODEC_G723 = 3,
	SLUICE_CODEC_G726 = 4,
	SLUICE_CODEC_G729 = 5,
	SLUICE_CODEC_GSM = 6,
	SLUICE_CODEC_GSM_EFR = 7,
	SLUICE_CODEC_ILBC = 8,
	SLUICE_CODEC_AMR = 9,
	SLUICE_CODEC_AMR_WB = 10,
	SLUICE_CODEC_OPUS = 11,
	SLUICE_CODEC_EVENT = 12, /* telephone-event (RFC 4733): passes, counts for no jitter */
	SLUICE_CODEC_NOISE = 13, /* comfort noise (RFC 3389) */
	SLUICE_CODEC_COUNT
};

/*
 * A payload type of what comes from the peer of a leg. What is not listed passes as it is, with a
 * clock of 8 kHz, unless its number is what the other leg calls a listed one (PAYLOAD_TYPE).
 */
struct sluice_payload {
	uint8_t type;  /* as it comes, 0..127; no two alike */
	uint8_t other; /* as it goes to the other leg, 0..127 */
	uint8_t codec; /* enum sluice_codec */
	uint8_t pad;
	uint32_t clock_hz; /* of the RTP timestamp, 1000..384000, a multiple of 25 */
};
static_assert(sizeof(struct sluice_payload) == 8, "media API layout");

#define SLUICE_PAYLOADS_MAX 8U

struct sluice_set {
	uint64_t session;
	uint8_t leg; /* 0 or 1 */
	uint8_t direction;
	uint8_t latch;
	uint8_t dscp; /* 0..63 */
	uint32_t mask;
	uint32_t media_timeout_ms; /* no RTP from this leg for so long, while it should send: an
				      event; 0: never; up to 6,553,500 */
	uint32_t rate_pps;         /* 0: no limit */
	uint8_t rtcp_mux;          /* 1: RTCP on the RTP port (RFC 5761) */
	uint8_t payload_count;     /* of payload */
	uint8_t pad[2];
	uint32_t silence_timeout_ms;   /* neither RTP nor RTCP for so long, from a leg that has sent
					  RTCP: an event; 0: never; up to 6,553,500 */
	struct sluice_addr remote_rtp; /* port 0: nothing is sent */
	struct sluice_addr remote_rtcp;
	/*
	 * rx[0]: the key, or plain RTP. Further ones, suite NONE where there is none: of the same
	 * suite, all with an MKI of the same length, no two alike.
	 */
	struct sluice_key rx[SLUICE_RX_KEYS_MAX];
	struct sluice_key tx;
	struct sluice_payload payload[SLUICE_PAYLOADS_MAX]; /* all zero behind payload_count */
};
static_assert(sizeof(struct sluice_set) == 536, "media API layout");

/* SET is answered with the header alone. */

/* ---- counters ---- */
struct sluice_stream_counters {  /* of one leg; received = from the peer, sent = to the peer */
	uint64_t received;       /* RTP packets accepted */
	uint64_t received_bytes; /* of RTP, as on the wire without UDP/IP headers */
	uint64_t sent;
	uint64_t sent_bytes;
	uint64_t rtcp_received;
	uint64_t rtcp_sent;
	uint64_t lost;             /* RFC 3550 A.3, expected less received, not below 0 */
	uint64_t reordered;        /* came after a higher sequence number */
	uint64_t dropped;          /* sum of drops[] */
	uint32_t jitter_us;        /* RFC 3550 6.4.1 */
	uint32_t ssrc;             /* last accepted from the peer */
	uint64_t last_rx_ms_ago;   /* since the last accepted RTP packet; UINT64_MAX: none yet */
	uint64_t last_rtcp_ms_ago; /* the same of RTCP */
	uint32_t rtt_us; /* round trip from us to the peer, by its last report; 0: unknown */
	uint32_t rtt_max_us;
	uint32_t remote_lost;      /* of what we send, as the peer reports: what was lost before us
				      included */
	uint32_t remote_jitter_us; /* the same */
	uint16_t mos_x100;         /* of what comes from the peer, estimated; 0: nothing came */
	uint16_t remote_mos_x100;  /* of what the peer gets, by its reports; 0: there was none */
	uint8_t payload_type;      /* last accepted from the peer */
	uint8_t codec;             /* of it: enum sluice_codec */
	uint8_t pad[2];
	uint64_t drops[32]; /* by enum sluice_drop */
};
static_assert(sizeof(struct sluice_stream_counters) == 376, "media API layout");
static_assert((int)SLUICE_DROP_COUNT <= 32, "drops[] is full: new API version");

struct sluice_leg_info {
	char interface[SLUICE_NAME_MAX];
	struct sluice_addr local; /* RTP */
	struct sluice_addr remote_rtp;
	struct sluice_addr remote_rtcp;
	struct sluice_addr source; /* latched or agreed source of the last accepted packet */
	uint8_t rx_suite;          /* enum sluice_suite */
	uint8_t tx_suite;
	uint8_t direction;
	uint8_t latch;
	uint8_t rtcp_mux;
	uint8_t worker;
	uint8_t pad[2];
	struct sluice_position rx_position; /* all 0: plain RTP, or nothing yet */
	struct sluice_position tx_position;
	struct sluice_stream_counters counters;
};
static_assert(sizeof(struct sluice_leg_info) == 512, "media API layout");

/* ---- CLOSE and GET ---- */
struct sluice_session { /* request */
	uint64_t session;
};
static_assert(sizeof(struct sluice_session) == 8, "media API layout");

struct sluice_session_info { /* answer; CLOSE: the final counters */
	uint64_t session;
	uint64_t age_ms;
	struct sluice_leg_info leg[2];
};
static_assert(sizeof(struct sluice_session_info) == 1040, "media API layout");

/* ---- LIST ---- */
struct sluice_list {
	uint64_t after; /* ids above this one, in ascending order; 0: from the start */
};
static_assert(sizeof(struct sluice_list) == 8, "media API layout");

#define SLUICE_LIST_MAX 1024U
struct sluice_list_reply {
	uint32_t count; /* below SLUICE_LIST_MAX: the last page */
	uint32_t pad;
	uint64_t session[SLUICE_LIST_MAX];
};
static_assert(sizeof(struct sluice_list_reply) == 8200, "media API layout");

/* ---- STATS ---- request: header alone */
struct sluice_stats {
	uint64_t uptime_ms;
	uint32_t sessions;
	uint32_t max_sessions;
	uint64_t opened;       /* sessions, since the start */
	uint64_t received;     /* packets that reached a worker */
	uint64_t relayed;      /* packets given to a port */
	uint64_t relayed_rtcp; /* of these, RTCP */
	uint64_t decrypted;    /* SRTP and SRTCP packets authenticated and decrypted */
	uint64_t encrypted;    /* SRTP and SRTCP packets made */
	uint64_t drops[32];    /* by enum sluice_drop */
	uint64_t to_kernel;    /* no media, left to the kernel by a worker (kind pci) */
	uint64_t from_kernel;  /* what it sent there */
	uint64_t kernel_lost;  /* between the two, either way: TAP down, NIC full, no buffer */
};
static_assert(sizeof(struct sluice_stats) == 344, "media API layout");

/* ---- STATUS ---- request: header alone */
struct sluice_worker_status {
	uint8_t number;
	uint8_t pad[3];
	uint32_t core;
	uint32_t streams;
	uint32_t busy_permille; /* share of the last second spent on packets */
	uint64_t received;
	uint64_t relayed;
	uint64_t dropped;
	uint64_t handed_off; /* packets that came here and belong to another worker */
};
static_assert(sizeof(struct sluice_worker_status) == 48, "media API layout");

/* What a CPU does, and why. X(SYMBOL, "what it means to an operator"); append only. */
#define SLUICE_CPU_LIST(X)                                                                         \
	X(LEFT_SPARE, "left: not needed")                                                          \
	X(LEFT_SIBLING, "left idle: shares its core with a worker (SMT)")                          \
	X(LEFT_MAIN, "left: shares its core with the main thread (SMT)")                           \
	X(LEFT_NODE, "left: on another NUMA node than the ports")                                  \
	X(MAIN, "main thread: the lowest CPU, which has most of the kernel's work")                \
	X(WORKER, "worker: a core of its own, on the ports' NUMA node")                            \
	X(WORKER_CONFIGURED, "worker: the configuration names it")                                 \
	X(WORKER_OTHER_NODE, "worker: another NUMA node, since the ports' has no core left")       \
	X(WORKER_SIBLING, "worker: shares its core with another thread (SMT), since none is left") \
	X(SHARED, "worker, and others: there are fewer CPUs than threads")

enum sluice_cpu_use {
#define SLUICE_CPU_ENUM(symbol, text) SLUICE_CPU_##symbol,
	SLUICE_CPU_LIST(SLUICE_CPU_ENUM)
#undef SLUICE_CPU_ENUM
	    SLUICE_CPU_USES
};

struct sluice_cpu_status {
	uint16_t cpu;
	uint8_t use;    /* enum sluice_cpu_use */
	uint8_t worker; /* when it is a worker's: the first one there */
};
static_assert(sizeof(struct sluice_cpu_status) == 4, "media API layout");
#define SLUICE_CPUS_MAX 256U
#define SLUICE_PORT_ADDRESSES_MAX 16U

/* Bytes of data-plane memory. */
struct sluice_memory_status {
	uint64_t call_plain; /* a call between two RTP legs: all it takes, shares of tables too */
	uint64_t call_srtp;  /* RTP on one leg, AES_CM_128_HMAC_SHA1_80 on the other */
	uint64_t call_srtp2; /* that on both legs */
	uint64_t used;       /* what calls take or once took, and the tables */
	uint64_t reserved;   /* what max_sessions calls with SRTP on both legs would take */
};
static_assert(sizeof(struct sluice_memory_status) == 40, "media API layout");

struct sluice_port_status {
	char name[SLUICE_NAME_MAX];   /* the interface: a named set of media addresses on a port */
	char device[SLUICE_NAME_MAX]; /* kernel interface, or the ring's name */
	char kind[16];                /* "af_xdp", "af_packet", "memif", "pci", "ring" */
	uint8_t link_up;
	uint8_t degraded;    /* 1: reason says why */
	uint16_t vlan;       /* that it is in; 0: none, untagged */
	uint16_t port_first; /* media-port range */
	uint16_t port_last;
	uint32_t ports_used;
	uint32_t mtu;
	struct sluice_addr address[SLUICE_PORT_ADDRESSES_MAX]; /* media addresses; family 0: none */
	uint64_t missed; /* came, and were lost before a worker could take them: queue full, no
			    buffer; as far as the device counts them */
	char reason[120];
};
static_assert(sizeof(struct sluice_port_status) == 512, "media API layout");

struct sluice_status {
	uint64_t boot_id;
	uint32_t pid;
	uint32_t workers;
	uint32_t ports;
	uint32_t degraded; /* 1: some port, or the whole, is; see reasons */
	char engine[32];   /* crypto engine and CPU features, "ipsec_mb avx512" */
	char memory[32];   /* "hugepages 2 MiB" or "no hugepages" */
	char reason[128];  /* why degraded as a whole; empty if not */
	uint32_t cpus;     /* of cpu[]: all that the data plane may use, up to SLUICE_CPUS_MAX */
	uint32_t pad;
	struct sluice_memory_status bytes;
	struct sluice_worker_status worker[16];
	struct sluice_port_status port[16];
	struct sluice_cpu_status cpu[SLUICE_CPUS_MAX];
};
static_assert(sizeof(struct sluice_status) == 10248, "media API layout");

/* ---- CAPTURE ---- */
enum sluice_capture_action {
	SLUICE_CAPTURE_STATE = 0, /* only asks */
	SLUICE_CAPTURE_START = 1,
	SLUICE_CAPTURE_STOP = 2,
};

enum sluice_capture_mode {
	SLUICE_CAPTURE_OFF = 0,
	SLUICE_CAPTURE_WIRE = 1,      /* frames as they are on the wire, dropped ones too */
	SLUICE_CAPTURE_DECRYPTED = 2, /* accepted packets with RTP and RTCP in clear */
};

enum sluice_capture_end {
	SLUICE_CAPTURE_END_NONE = 0, /* it runs */
	SLUICE_CAPTURE_END_STOPPED = 1,
	SLUICE_CAPTURE_END_CALL = 2, /* the session was closed */
	SLUICE_CAPTURE_END_TIME = 3,
	SLUICE_CAPTURE_END_SIZE = 4,
	SLUICE_CAPTURE_END_DISK = 5, /* full, or failed */
	SLUICE_CAPTURE_END_COUNT
};

/*
 * A session is captured once at a time; START again in the same mode answers with what runs. The
 * file's name is made by the data plane of call and time. Limits lower those of the data plane's
 * configuration; 0: these. Errors: -ENOENT, -EINVAL, -ENOTSUP (the data plane has no directory for
 * captures), -EPERM (its configuration does not allow this mode), -EEXIST (captured in the other
 * mode), -EMFILE (as many captures run as may), -EDQUOT (the directory is as full as it may be),
 * -ENOSPC (disk full), and those of open(2).
 */
struct sluice_capture {
	uint64_t session;
	uint64_t bytes;  /* of the file */
	uint32_t time_s; /* that it takes */
	uint8_t action;  /* enum sluice_capture_action */
	uint8_t mode;    /* START: WIRE or DECRYPTED; else OFF */
	uint8_t pad[2];
	char call[32];   /* START: 1 to 31 letters and digits, for the file's name; else empty */
	char leg[2][32]; /* START: printable ASCII for the file: who the peer is; may be empty */
};
static_assert(sizeof(struct sluice_capture) == 120, "media API layout");

struct sluice_capture_info {
	uint64_t session;
	uint64_t age_ms;
	uint64_t bytes;
	uint64_t limit_bytes;
	uint64_t packets;
	uint64_t lost; /* not captured, since they came faster than the file could be written */
	uint32_t time_s;
	uint8_t mode; /* OFF: the session is not captured, and all else is zero */
	uint8_t end;  /* enum sluice_capture_end */
	uint8_t pad[2];
	char file[64]; /* in the data plane's directory for captures */
};
static_assert(sizeof(struct sluice_capture_info) == 120, "media API layout");

/* ---- EVENT ---- */
enum sluice_event_type {
	SLUICE_EVENT_MEDIA_TIMEOUT =
	    1,                    /* value: milliseconds without RTP; sent once until RTP is back */
	SLUICE_EVENT_LATCHED = 2, /* addr: the new source */
	SLUICE_EVENT_SSRC_CHANGED = 3, /* value: the new SSRC */
	SLUICE_EVENT_AUTH_FAILURES =
	    4,                      /* value: how many in the last second; at most once a second */
	SLUICE_EVENT_KEY_LIMIT = 5, /* value: packets left; 90 % of the lifetime is used, or the key
				       was kept over a restart and may not serve another SSRC */
	SLUICE_EVENT_PORT = 6,      /* text: what changed */
	SLUICE_EVENT_CAPTURE =
	    7, /* a file is complete: text: its name and why; value: packets in it */
	SLUICE_EVENT_SILENCE = 8, /* value: milliseconds without RTP and RTCP; sent once until
				     either is back */
};

struct sluice_event {
	uint64_t sequence; /* 1, 2, 3… per client; a gap means events were lost (client too slow) */
	uint64_t session; /* 0: not about a session */
	uint32_t type;    /* enum sluice_event_type */
	uint8_t leg;
	uint8_t direction; /* KEY_LIMIT, enum sluice_direction: RX the peer's key, TX ours */
	uint8_t pad[2];
	uint64_t value;
	struct sluice_addr addr;
	char text[92];
};
static_assert(sizeof(struct sluice_event) == 144, "media API layout");

struct sluice_error {
	char text[128]; /* what was wrong, the value, the rule */
};
static_assert(sizeof(struct sluice_error) == 128, "media API layout");

/* The sizes that HELLO compares; unused entries are zero. */
#define SLUICE_MEDIA_SIZES                                                                \
	{                                                                                 \
		sizeof(struct sluice_hello), sizeof(struct sluice_hello_reply),           \
		    sizeof(struct sluice_open), sizeof(struct sluice_open_reply),         \
		    sizeof(struct sluice_set), sizeof(struct sluice_session),             \
		    sizeof(struct sluice_session_info), sizeof(struct sluice_list_reply), \
		    sizeof(struct sluice_stats), sizeof(struct sluice_status),            \
		    sizeof(struct sluice_event), sizeof(struct sluice_error),             \
		    sizeof(struct sluice_capture), sizeof(struct sluice_capture_info)     \
	}
