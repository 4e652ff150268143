package sluice.control;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** A package may import only from those after it: control, run, step, check, the ports, host, site. */
final class ImportOrderTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("sluice.control");

    @Test
    void importsGoDownwardsOnly() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("control")
                .definedBy("sluice.control")
                .layer("run")
                .definedBy("sluice.control.run")
                .layer("step")
                .definedBy("sluice.control.step")
                .layer("check")
                .definedBy("sluice.control.check")
                .layer("gate")
                .definedBy("sluice.control.gate")
                .layer("postgres")
                .definedBy("sluice.control.postgres")
                .layer("redis")
                .definedBy("sluice.control.redis")
                .layer("sidekiq")
                .definedBy("sluice.control.sidekiq")
                .optionalLayer("init")
                .definedBy("sluice.control.init")
                .optionalLayer("copy")
                .definedBy("sluice.control.copy")
                .layer("mastodon")
                .definedBy("sluice.control.mastodon")
                .layer("host")
                .definedBy("sluice.control.host")
                .layer("site")
                .definedBy("sluice.control.site")
                .whereLayer("control")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("init")
                .mayOnlyBeAccessedByLayers("control")
                .whereLayer("copy")
                .mayOnlyBeAccessedByLayers("control")
                .whereLayer("run")
                .mayOnlyBeAccessedByLayers("control")
                .whereLayer("step")
                .mayOnlyBeAccessedByLayers("control", "run")
                .whereLayer("check")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "init", "copy")
                .whereLayer("gate")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "check", "init", "copy")
                .whereLayer("postgres")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "check", "init", "copy")
                .whereLayer("mastodon")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "check", "init", "copy")
                .whereLayer("sidekiq")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "check", "init", "copy")
                .whereLayer("redis")
                .mayOnlyBeAccessedByLayers("control", "run", "step", "check", "init", "copy", "sidekiq")
                .whereLayer("host")
                .mayOnlyBeAccessedByLayers(
                        "control",
                        "run",
                        "step",
                        "check",
                        "init",
                        "copy",
                        "gate",
                        "postgres",
                        "redis",
                        "sidekiq",
                        "mastodon")
                .whereLayer("site")
                .mayOnlyBeAccessedByLayers(
                        "control",
                        "run",
                        "step",
                        "check",
                        "init",
                        "copy",
                        "gate",
                        "postgres",
                        "redis",
                        "sidekiq",
                        "mastodon",
                        "host")
                .check(CLASSES);
    }
}
