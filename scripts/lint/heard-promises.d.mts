export declare const heardPromises: import('eslint').Rule.RuleModule;
