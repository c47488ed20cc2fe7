/* Our own engine behind a watch: a party whose inside is told from outside, though we know it. */
#pragma once

#include "sim/speaker.h"

extern const SpeakerSource mirror_source;
