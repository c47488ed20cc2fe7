/* The statements, by section: how each is read and printed. Their table is in statements.c. */
#pragma once

#include "scenarios/language/parser.h"

#define STATEMENT(name)                                                                            \
    void parse_##name(Cursor *cursor);                                                             \
    void print_##name(const Plan *plan, const void *subject, GPtrArray *lines)

/* statements_scenario.c */
STATEMENT(about);
STATEMENT(spec);
STATEMENT(clock);
STATEMENT(seed);
STATEMENT(latency);
STATEMENT(tap);
STATEMENT(network_rule);
STATEMENT(attacker_shows);
STATEMENT(attacker_trusts);
STATEMENT(attacker_replaces);

/* statements_certificate.c */
STATEMENT(subject);
STATEMENT(issuer);
STATEMENT(serial);
STATEMENT(valid);
STATEMENT(names);
STATEMENT(key);
STATEMENT(usage);
STATEMENT(authority);
STATEMENT(signature);
STATEMENT(signed_by);
STATEMENT(changed);
STATEMENT(must_staple);

/* statements_party.c */
STATEMENT(is);
STATEMENT(versions);
STATEMENT(suites);
void parse_expects(Cursor *cursor);
void print_expects_name(const Plan *plan, const void *subject, GPtrArray *lines);
STATEMENT(server_name);
STATEMENT(trusts);
STATEMENT(shows);
STATEMENT(uses_key);
STATEMENT(temporary_key);
STATEMENT(warns);
STATEMENT(asks);
STATEMENT(allows);
STATEMENT(refuses_by);
STATEMENT(prefers);
STATEMENT(renegotiation);
STATEMENT(weakness);
STATEMENT(records);
STATEMENT(own_rule);
STATEMENT(pin);

/* statements_handshake.c */
STATEMENT(groups);
STATEMENT(key_shares);
STATEMENT(signatures);
STATEMENT(protocols);
STATEMENT(psk);
STATEMENT(extension);
STATEMENT(dh);
STATEMENT(export);

/* statements_session.c */
STATEMENT(sessions);
STATEMENT(early_data);
STATEMENT(notices);
STATEMENT(staples);
STATEMENT(retries);
STATEMENT(machines);
STATEMENT(behind);
STATEMENT(also_shows);

/* statements_option.c: one row for each option; `client` and `server` are the sections' bits. */
void parse_option(Cursor *cursor);
void print_options(const Plan *plan, const void *subject, GPtrArray *lines);
StatementRow option_statement(const OptionRow *row, unsigned client, unsigned server);

/* statements_play.c */
void parse_act_of_client(Cursor *cursor);
void parse_act_of_server(Cursor *cursor);
void parse_act_wait(Cursor *cursor);
void print_acts(const Plan *plan, const void *subject, GPtrArray *lines);

/* statements_expect.c */
void parse_expect_both(Cursor *cursor);
void parse_expect_client(Cursor *cursor);
void parse_expect_server(Cursor *cursor);
void parse_expect_attacker(Cursor *cursor);
void parse_expect_listener(Cursor *cursor);
void parse_expect_version(Cursor *cursor);
void parse_expect_suite(Cursor *cursor);
void parse_expect_no(Cursor *cursor);
void parse_expect_answer(Cursor *cursor);
void parse_expect_handshakes(Cursor *cursor);
void parse_expect_user(Cursor *cursor);
void parse_expect_resumed(Cursor *cursor);
void parse_expect_not(Cursor *cursor);
void parse_expect_group(Cursor *cursor);
void parse_expect_protocol(Cursor *cursor);
void parse_expect_early(Cursor *cursor);
void parse_expect_hello(Cursor *cursor);
void parse_expect_extended(Cursor *cursor);
void parse_expect_exports(Cursor *cursor);
void parse_expect_connections(Cursor *cursor);
void print_expects(const Plan *plan, const void *subject, GPtrArray *lines);
/* The canonical words of one expectation; g_free. */
char *expect_words(const PlanExpect *expect);
