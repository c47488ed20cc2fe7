/* Meeting: one of our endpoints and another stack, back to back in memory. */
#pragma once

#include "tests/engine/pair.h"
#include "tests/peers/peer.h"

typedef struct {
    const PeerKind *kind;
    PeerConfig theirs;
    PeerMemory *memory; /* theirs; NULL: they remember nothing */
    Pair *pair;         /* of which one side is used */
    EndpointConfig *ours;
    Endpoint *us;
    Peer *peer;
    GByteArray *data;  /* what we were delivered */
    unsigned rejected; /* events of early data that was not taken */
    size_t longest[2]; /* record of application data, as sealed: ours, theirs */
    char *name;
} Meeting;

/* How many ran, and how many the stack says that it does not have. */
typedef struct {
    unsigned ran, absent;
} Cells;

/* The certificates of pair_set_up(), as PEM. */
void meeting_set_up(void);

/* Both configured for one version and suite, with the certificate and the keys that the suite
 * needs; not started. */
Meeting *meeting_new(const PeerKind *kind, Role theirs, ProtocolVersion version, SuiteNumber suite);
void meeting_free(Meeting *meeting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Meeting, meeting_free)

/* Adds to what the cell is called when it fails. */
void meeting_name(Meeting *meeting, const char *more);

/* The certificate that the client or the server, whoever that is, has to show. */
void meeting_shows(Meeting *meeting, Role role, const char *name);
/* Both sides' view of whether the client is asked. */
void meeting_asks(Meeting *meeting, ClientAuth client_auth);
/* Both sides have only this one. */
void meeting_group(Meeting *meeting, const GroupNumber *group);

/* (Re)starts both and carries until nothing moves; false when the stack does not have it. */
bool meeting_start(Meeting *meeting);
void meeting_pump(Meeting *meeting);
/* The same, counted: one cell. */
bool meeting_runs(Meeting *meeting, Cells *cells);

/* Connected both, of one mind about version, suite and group; 20,000 bytes each way. Fails the test
 * with what went wrong. */
void meeting_check(Meeting *meeting);
bool meeting_connected(const Meeting *meeting);
PeerView meeting_view(const Meeting *meeting);
void meeting_exporters(Meeting *meeting);
/* Fails the test, and says whose words stand against whose. */
void meeting_expect(const Meeting *meeting, bool condition, const char *what);

/* Memories on both sides: theirs, and our caches and tickets. */
void meeting_remember(Meeting *meeting, bool tickets);

/* Prints `# what: N cells ran, M absent from the stack`, and compares both numbers. */
void cells_check(const Cells *cells, const PeerKind *kind, const char *what, unsigned ran,
                 unsigned absent);
