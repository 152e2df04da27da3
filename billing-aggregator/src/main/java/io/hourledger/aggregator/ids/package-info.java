/** The events already counted: what identifies one, and where the identities are held while their hours are near. */
@NullMarked
package io.hourledger.aggregator.ids;

import org.jspecify.annotations.NullMarked;
