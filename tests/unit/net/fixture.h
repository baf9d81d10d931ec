/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A real loop with listeners on 127.0.0.1 and clients on other addresses of 127.0.0.0/8, all in one
 * thread: the clients are served between the turns of the loop.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tls/pki.h"
#include "main/log.h"
#include "net/internal.h"

enum { ON_UDP, ON_TCP, ON_TLS, ON_TLS_OTHER, LISTENERS };

enum {                  /* peers */
       UDP_PEER,        /* 127.0.0.11 */
       TCP_PEER,        /* 127.0.0.12 */
       TLS_PEER,        /* client.example, calls us; known at 127.0.0.13 */
       TLS_CALLED,      /* called.example, at 127.0.0.14 */
       TLS_WILDCARD,    /* host.wild.example */
       TLS_EXACT,       /* exact.example, wildcards not allowed */
       TLS_SERVER_AUTH, /* sao.example, may lack clientAuth */
       TLS_BY_NAME,     /* localhost, by name */
       TLS_OF_OTHER,    /* other.example, on the listener with other authorities */
       PEERS,
};

enum { /* certificates */
       CA,
       OTHER_CA,
       RELAY,
       CLIENT,
       CALLED,
       WILDCARD,
       WILDCARD_EXACT,
       SERVER_AUTH,
       CLIENT_SERVER_AUTH,
       CODE_SIGNING,
       LOCALHOST,
       NOBODY,
       OTHER_CLIENT, /* client.example, by the other authority */
       OTHER,        /* other.example, by the other authority */
       EXPIRED,
       PARTIES,
};

#define MESSAGES_MAX 64

struct fixture {
	uv_loop_t loop;
	struct net *net;
	struct config config;
	struct config_tls tls[2];
	struct config_listener listeners[LISTENERS];
	struct config_peer peers[PEERS];
	int server[PEERS]; /* listening sockets of those that we call; -1 */
	unsigned message_count;
	struct {
		const struct config_peer *peer;
		struct sip_flow flow;
		char text[256];
		size_t length;
	} message[MESSAGES_MAX];
	unsigned lost_count;
	uint64_t lost; /* the last */
	void (*on_message)(struct fixture *fixture, const struct sip_flow *flow);
	/* of flow_ready() */
	unsigned ready_count;
	int ready_status;
	struct sip_flow ready_flow;
	char ready_error[256];
};

extern struct pki_party parties[PARTIES];
extern char log_text[2048]; /* the last line */
extern enum log_event log_last;

int group_setup(void **state);
int group_teardown(void **state);
/* state is a struct fixture, the net open. */
int setup(void **state);
int teardown(void **state);

struct client {
	int fd;
	struct tls_context *context;
	struct tls_connection *tls;
	bool up, closed;
	char in[65536]; /* with NUL; when it is full, the older half is dropped */
	size_t in_length;
};

/* Connects (or for UDP binds) from the address source; party: a TLS client's certificate, or -1. */
struct client *client_open(struct fixture *fixture, int listener, const char *source, int party);
/* Waits for us to call peer there. */
struct client *client_accept(struct fixture *fixture, int peer, int party);
void client_send(struct client *client, const char *data, size_t length);
#define client_say(client, text) client_send(client, text, strlen(text))
/* A server that trusts no authority. */
void client_distrust(struct client *client);
void client_free(struct client *client);

/*
 * Serves all until *counter is at least wanted, or fails after patience_ms(). Each turn of the loop
 * takes a millisecond of the clock (../clock.h), however long the machine is at it.
 */
void run_until(struct fixture *fixture, struct client *client, const unsigned *counter,
	       unsigned wanted);
void run_until_counted(struct fixture *fixture, struct client *client, const uint64_t *counter,
		       uint64_t wanted);
void run_until_none(struct fixture *fixture, struct client *client, const unsigned *counter);
void run_until_closed(struct fixture *fixture, struct client *client);
void run_until_up(struct fixture *fixture, struct client *client);
void run_until_heard(struct fixture *fixture, struct client *client, const char *text);
/* Serves for some milliseconds of the clock. */
void run_for(struct fixture *fixture, struct client *client, unsigned ms);

/* Turns the loop until it has nothing left to do. */
void run_to_the_end(struct fixture *fixture);

/* For net_flow(): user is the fixture. */
void flow_ready(void *user, int status, const struct sip_flow *flow, const char *error);

#define OPTIONS "OPTIONS sip:relay.example SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
