package io.hourledger.console.layout;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Puts together what all pages share. */
@Configuration(proxyBeanMethods = false)
@Import({PageModel.class, IncompleteFigures.class, ZonePages.class, FirstPage.class})
public class LayoutConfiguration {}
