/** The signatures of KooGallery, written from its documentation and shared with no other module. */
@NullMarked
package io.hourledger.simulator.signing;

import org.jspecify.annotations.NullMarked;
