/**
 * The marketplace port: usage records out, answers and orders in, as plain values. It knows no marketplace's codes, dates or JSON; an
 * adapter such as KooGallery's translates them.
 */
@NullMarked
package io.hourledger.pusher.marketplace;

import org.jspecify.annotations.NullMarked;
