;;; emacs.el --- Played by a real Emacs with eglot, in batch mode  -*- lexical-binding: t -*-
;; What the snippet of editors/README.md gives: it attaches, shows a diagnostic, applies a resolved action, undoes it.
;; Environment: SUTURE_BIN the program, SUTURE_FILE the file.

(package-initialize)
(require 'eglot)
(require 'flymake)
(require 'json)

(defun play-say (step &rest fields)
  (princ (concat (json-encode (append (list :step step) fields)) "\n")))

(defun play-wait (check)
  "Until CHECK gives something, a minute long at most."
  (let ((end (+ (float-time) 60)) found)
    (while (and (not (setq found (funcall check))) (< (float-time) end))
      (accept-process-output nil 0.05))
    found))

(setq eglot-sync-connect t
      eglot-autoshutdown t
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil
      flymake-no-changes-timeout 0.1)

;; -- the snippet, with the program by its path
(add-to-list 'eglot-server-programs
             `((python-mode python-ts-mode) . (,(getenv "SUTURE_BIN") "serve" "--stdio"
                              :initializationOptions (:untrustedWorkspace :json-false))))

(find-file (getenv "SUTURE_FILE"))
(python-mode)
(buffer-enable-undo)
(call-interactively #'eglot)
(let* ((found (progn (play-wait (lambda () (flymake-start) (flymake-diagnostics)))
                     (car (flymake-diagnostics))))
       (before (buffer-string)))
  (play-say "diagnostic" :message (and found (flymake-diagnostic-text found))
            :line (and found (line-number-at-pos (flymake-diagnostic-beg found))))
  (goto-char (flymake-diagnostic-beg found))
  (let ((action (play-wait
                 (lambda ()
                   (sleep-for 0.3)
                   (seq-find (lambda (each) (and (string-match-p "import json" (plist-get each :title))
                                                 (string-match-p "→" (plist-get each :title))))
                             (eglot-code-actions (point) (1+ (point))))))))
    (unless (plist-get action :edit)
      (setq action (jsonrpc-request (eglot-current-server) :codeAction/resolve action)))
    (undo-boundary)
    (eglot--apply-workspace-edit (plist-get action :edit))
    (let ((after (buffer-string)))
      (undo-boundary)
      (setq last-command nil)
      (undo)
      (play-say "applied" :title (plist-get action :title) :text after
                :undone (if (equal (buffer-string) before) t :json-false)))))
(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
;;; emacs.el ends here
