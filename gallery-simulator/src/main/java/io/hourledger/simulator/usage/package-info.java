/** Usage push: what the gallery checks, keeps and answers. */
@NullMarked
package io.hourledger.simulator.usage;

import org.jspecify.annotations.NullMarked;
