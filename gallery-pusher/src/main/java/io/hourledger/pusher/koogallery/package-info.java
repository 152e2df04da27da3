/** The adapter to KooGallery: its codes, dates, JSON, signatures and HTTP. Nothing else here knows them. */
@NullMarked
package io.hourledger.pusher.koogallery;

import org.jspecify.annotations.NullMarked;
