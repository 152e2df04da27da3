package io.hourledger.contracts.instance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The name under which the ledger keeps an event, whatever its class is called and wherever it lives. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface EventType {

    String value();

    /** Which form of the event the class has; older forms are lifted to it when they are read. */
    int revision() default 1;
}
