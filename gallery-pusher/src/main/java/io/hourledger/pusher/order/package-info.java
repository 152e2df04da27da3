/** Opens the instances that the marketplace's orders ask for. What came before an instance was open is done with its opening. */
@NullMarked
package io.hourledger.pusher.order;

import org.jspecify.annotations.NullMarked;
