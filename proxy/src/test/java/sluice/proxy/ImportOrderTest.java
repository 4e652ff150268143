package sluice.proxy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which package may know which. */
class ImportOrderTest {
    /** A package may import from those after it only. */
    private static final List<String> ORDER = List.of(
            "sluice.proxy",
            "sluice.proxy.check",
            "sluice.proxy.nginx",
            "sluice.proxy.listen",
            "sluice.proxy.admin",
            "sluice.proxy.http",
            "sluice.proxy.upstream",
            "sluice.proxy.files",
            "sluice.proxy.gate",
            "sluice.proxy.route",
            "sluice.proxy.config",
            "sluice.proxy.accesslog",
            "sluice.proxy.metrics");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("sluice.proxy");

    static List<String> order() {
        return ORDER;
    }

    @Test
    void everyPackageHasItsPlace() {
        assertThat(CLASSES).isNotEmpty();
        classes()
                .should()
                .resideInAnyPackage(ORDER.toArray(new String[0]))
                .because("a new package needs a place in the order")
                .check(CLASSES);
    }

    @ParameterizedTest
    @MethodSource("order")
    void importsGoDownwards(String name) {
        String[] above = ORDER.subList(0, ORDER.indexOf(name)).toArray(new String[0]);
        if (above.length > 0) {
            noClasses()
                    .that()
                    .resideInAPackage(name)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .allowEmptyShould(true)
                    .check(CLASSES);
        }
    }

    @Test
    void theImporterKnowsTheConfigurationOnly() {
        noClasses()
                .that()
                .resideInAPackage("sluice.proxy.nginx")
                .should()
                .dependOnClassesThat(resideInAPackage("sluice.proxy..")
                        .and(resideOutsideOfPackages("sluice.proxy.nginx", "sluice.proxy.config")))
                .check(CLASSES);
    }

    @Test
    void nettyStaysAtTheEdges() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "sluice.proxy",
                        "sluice.proxy.listen",
                        "sluice.proxy.admin",
                        "sluice.proxy.http",
                        "sluice.proxy.upstream")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
    }
}
