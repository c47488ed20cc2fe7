/* Far: somebody at the other end of a socket, as a speaker: what the socket brings is what he says,
 * what he is told goes into the socket, and his inside is not known. He says a record at a time, so
 * that what one side knows only after a record opens the next. */
#pragma once

#include "sim/speaker.h"

/* As the source of a party of the plan. */
extern const SpeakerSource far_source;
/* Whether a party's speaker is one. */
bool speaker_is_far(const Speaker *speaker);

/* The socket has brought bytes; it brings no more. */
void far_bring(Speaker *speaker, Bytes bytes);
void far_bring_end(Speaker *speaker);

/* He says the next record, or what is none; false: nothing is there to say. */
bool far_step(Speaker *speaker);
size_t far_unsaid(const Speaker *speaker);

/* What the socket shall take. */
Bytes far_outgoing(const Speaker *speaker);
void far_taken(Speaker *speaker, size_t size);
/* Nothing more will be told him. */
bool far_is_told_all(const Speaker *speaker);

/* How many records of application data he has said. */
unsigned far_data(const Speaker *speaker);
/* What he speaks that is no TLS: "HTTP"; NULL: TLS, or nothing yet. */
const char *far_language(const Speaker *speaker);
