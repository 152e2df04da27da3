/** Instances of a stack on this machine, for those who try it out without a marketplace: open one, send it usage. */
@NullMarked
package io.hourledger.cli.instance;

import org.jspecify.annotations.NullMarked;
