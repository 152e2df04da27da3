package io.hourledger.pusher.appinfo;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts what apps say of their instances together; needs a {@link LoginCipher} and a business {@link Clock}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AppInfoSettings.class)
public class AppInfoConfiguration {

    @Bean
    AwaitedAppInfo awaitedAppInfo(JdbcClient jdbc, AppInfoSettings settings) {
        return new AwaitedAppInfo(jdbc, settings.templateAfter());
    }

    @Bean
    AppInfos appInfos(
            JdbcClient jdbc,
            LoginCipher cipher,
            AwaitedAppInfo awaited,
            AppInfoSettings settings,
            TransactionTemplate transaction,
            Clock businessTime) {
        return new AppInfos(new StoredAppInfo(jdbc, cipher), awaited, settings, transaction, businessTime);
    }

    /** Also where nobody waits: a query for a series that is not there is empty, and its alert never fires. */
    @Bean(initMethod = "start", destroyMethod = "close")
    AwaitedAppInfoWatch awaitedAppInfoWatch(
            AwaitedAppInfo awaited, DataSource database, Clock businessTime, MeterRegistry registry) {
        return new AwaitedAppInfoWatch(awaited, database, businessTime, registry);
    }
}
