/** Pages of instances: the list, and one with its life and the hours of a month. */
@NullMarked
package io.hourledger.console.instances;

import org.jspecify.annotations.NullMarked;
