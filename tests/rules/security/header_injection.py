import smtplib
from email.message import EmailMessage

from flask import request


def raw():
    text = f"Subject: {request.form['subject']}\n\nhello"
    smtplib.SMTP("localhost").sendmail("a@example.org", ["b@example.org"], text)  # bad: header-injection


def message():
    mail = EmailMessage()
    mail["Subject"] = request.form["subject"]
    smtplib.SMTP("localhost").send_message(mail)  # ok: header-injection


def cleaned():
    subject = request.form["subject"].replace("\r", "").replace("\n", "")
    text = "Subject: " + subject + "\n\nhello"
    smtplib.SMTP("localhost").sendmail("a@example.org", ["b@example.org"], text)  # ok: header-injection
