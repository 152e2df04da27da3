/** What is measured on: a topic of usage events that any run can lay down again, and what they must sum up to. */
@NullMarked
package io.hourledger.benchmarks.load;

import org.jspecify.annotations.NullMarked;
